"""A placebo: the same training on answers dealt out at random. Whatever skill it shows is a leak in the evaluation."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.arrays import Bools, Ints
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Target
from training.train import Recipe


@dataclass(frozen=True)
class Shuffled(Target):
    """A target whose answers change hands within each cutoff, so that nothing before the cutoff tells them."""

    real: Target | None = None
    seed: int = 11

    @override
    def classes(self, journey: Journey) -> tuple[str, ...]:
        return self._real().classes(journey)

    @override
    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Bools:
        return self._real().is_asked(log, journey, snapshots)

    @override
    def answers(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        answers = np.array(self._real().answers(log, journey, snapshots))
        asked = self.is_asked(log, journey, snapshots)
        rng = np.random.default_rng(self.seed)
        for cutoff in np.unique(snapshots.cutoff):
            rows = np.flatnonzero(asked & (snapshots.cutoff == cutoff))
            answers[rows] = rng.permutation(answers[rows])
        return answers

    def _real(self) -> Target:
        if self.real is None:
            raise TypeError("Shuffled needs the target whose answers it deals out")
        return self.real


@dataclass(frozen=True)
class PlaceboRecipe(Recipe):
    """A recipe with every target shuffled."""

    @override
    def targets(self) -> tuple[Target, ...]:
        return tuple(
            type(f"Shuffled{type(real).__name__}", (Shuffled,), {"kind": real.kind})(real.horizon, real)
            for real in super().targets()
        )

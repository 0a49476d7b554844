"""A placebo: the same training on answers dealt out at random. Whatever skill it shows is a leak in the evaluation."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.arrays import Bools, Floats, Ints
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import NEVER, NOTHING, Firsts, Target
from features.timeline import stage_timeline
from training.recipe import Recipe


@dataclass(frozen=True)
class Shuffled(Target):
    """A target whose future changes hands within each cutoff, so that nothing before the cutoff tells it."""

    real: Target | None = None
    seed: int = 11

    @override
    def causes(self, journey: Journey) -> tuple[str, ...]:
        return self._real().causes(journey)

    @override
    def classes(self, journey: Journey) -> tuple[str, ...]:
        return self._real().classes(journey)

    @override
    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots, horizon: str) -> Bools:
        return self._real().is_asked(log, journey, snapshots, horizon)

    @override
    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        real = self._real().firsts(log, journey, snapshots)
        dealt = np.arange(len(snapshots))
        rng = np.random.default_rng(self.seed)
        for cutoff in np.unique(snapshots.cutoff):
            rows = np.flatnonzero(snapshots.cutoff == cutoff)
            dealt[rows] = rng.permutation(rows)
        shuffled = real.take(dealt)
        stage = stage_timeline(log, journey).stage_at(snapshots.customer, snapshots.cutoff)
        moves = shuffled.cause != self._real().impossible(stage)  # who is dealt the own stage stays in it
        return Firsts(np.where(moves, shuffled.wait, NEVER), np.where(moves, shuffled.cause, NOTHING))

    @override
    def answers(self, firsts: Firsts, stage: Ints, horizon: str) -> Ints:
        return self._real().answers(firsts, stage, horizon)

    @override
    def impossible(self, stage: Ints) -> Ints:
        return self._real().impossible(stage)

    @override
    def distribution(self, survival: Floats, incidence: Floats, stage: Ints) -> Floats:
        return self._real().distribution(survival, incidence, stage)

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
            type(f"Shuffled{type(real).__name__}", (Shuffled,), {"kind": real.kind})(real.horizons, real)
            for real in super().targets()
        )

"""What the targets of a run answer at given snapshots: the only file here that knows how targets are asked."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Ints
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import NO_LABEL
from training.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Answers:
    """One target with one horizon.

    Parameters
    ----------
    target
        Its name, the horizon included.
    y
        Codes into ``classes``, shape (rows,); NO_LABEL where there is none.
    """

    target: str
    classes: tuple[str, ...]
    y: Ints

    @property
    def known(self) -> Bools:
        """Which rows have a label."""
        known: Bools = self.y != NO_LABEL
        return known

    def counts(self, rows: Bools) -> Ints:
        """Returns how many of some rows have each class, shape (classes,)."""
        return np.bincount(self.y[rows & self.known], minlength=len(self.classes))


def answers_at(log: EventLog, journey: Journey, horizon: str, snapshots: Snapshots) -> tuple[Answers, ...]:
    """Returns the answers of every target within a horizon."""
    return tuple(
        Answers(f"{target.kind}_{horizon}", target.classes(journey), target.labels(log, journey, snapshots, horizon))
        for target in Recipe(horizon, (horizon,)).targets()
    )

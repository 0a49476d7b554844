"""What is predicted: questions about ``(cutoff, cutoff + horizon]`` with one class per answer."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.durations import parse_duration
from features.errors import FeatureError
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets.firsts import NOTHING, Firsts
from features.timeline import stage_timeline

NO_LABEL = -1
NO_YES = ("no", "yes")
HORIZONS = ("7d", "14d", "28d", "90d")


@dataclass(frozen=True)
class Target:
    """A question about what comes first after a cutoff, asked for every horizon.

    Parameters
    ----------
    horizons
        Durations, each longer than the one before.
    """

    kind: ClassVar[str]

    horizons: tuple[str, ...] = HORIZONS

    def __post_init__(self) -> None:
        object.__setattr__(self, "horizons", tuple(self.horizons))
        widths = [parse_duration(horizon) for horizon in self.horizons]
        if not widths or widths != sorted(set(widths)):
            raise FeatureError(
                f"target '{self.kind}' has horizons {', '.join(self.horizons) or 'of none'}; "
                "give at least one, each longer than the one before"
            )

    def causes(self, journey: Journey) -> tuple[str, ...]:
        """Returns the name of each thing that can come first; a cause is a place here."""
        del journey
        return (self.kind,)

    def classes(self, journey: Journey) -> tuple[str, ...]:
        """Returns the name of each class; a label is a place here."""
        del journey
        return NO_YES

    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        """Returns what comes first after each snapshot, as far as the log tells."""
        raise NotImplementedError

    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots, horizon: str) -> Bools:
        """Says at which snapshots the question makes sense, reading nothing after the cutoff."""
        del log, journey, horizon
        return np.ones(len(snapshots), dtype=bool)

    def is_asked_after(self, last_activity: Ints, cutoff: Ints) -> Bools:
        """Says the same for every horizon, shape (rows, horizons).

        Parameters
        ----------
        last_activity
            When activity came last at or before each cutoff, shape (rows,); the smallest integer where none came.
        """
        del last_activity
        return np.ones((len(cutoff), len(self.horizons)), dtype=bool)

    def answers(self, firsts: Firsts, stage: Ints, horizon: str) -> Ints:
        """Returns the class of each snapshot, shape (rows,); ``stage`` is the one at the cutoff."""
        del stage
        return (firsts.wait <= parse_duration(horizon)).astype(np.int64)

    def impossible(self, stage: Ints) -> Ints:
        """Returns the cause that cannot come first from each stage, shape (rows,); NOTHING where every one can."""
        return np.full(len(stage), NOTHING)

    def outcomes(self, codes: Ints, stage: Ints) -> Ints:
        """Returns what makes each class more probable: 0 for nothing, else 1 + a cause; shapes (rows,)."""
        del stage
        return codes

    def distribution(self, survival: Floats, incidence: Floats, stage: Ints) -> Floats:
        """Returns the probability of each class, shape (rows, ..., classes): at one horizon, or at several.

        Parameters
        ----------
        survival
            The probability that nothing comes in the horizon, shape (rows, ...).
        incidence
            The probability that each cause comes first in it, shape (rows, ..., causes).
        """
        del incidence, stage
        return yes_and_no(survival, 1.0 - survival)

    def labels(
        self, log: EventLog, journey: Journey, snapshots: Snapshots, horizon: str, until: int | None = None
    ) -> Ints:
        """Returns the class of each snapshot, or NO_LABEL where it is not asked or not yet known.

        Parameters
        ----------
        until
            A label is known once its horizon ends at or before this moment, UTC microseconds; by default the log's end.
        """
        moment = log.end if until is None else until
        known = snapshots.cutoff + parse_duration(horizon) <= moment
        known &= self.is_asked(log, journey, snapshots, horizon)
        stage = stage_timeline(log, journey).stage_at(snapshots.customer, snapshots.cutoff)
        return np.where(known, self.answers(self.firsts(log, journey, snapshots), stage, horizon), NO_LABEL)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``target_from_dict`` makes an equal target."""
        return {"target": self.kind, "horizons": list(self.horizons)}


def yes_and_no(no: Floats, yes: Floats) -> Floats:
    """Returns the probabilities of the two classes, shape (..., 2)."""
    both = np.empty((*no.shape, 2))
    both[..., 0], both[..., 1] = no, yes
    return both

"""Which event comes next."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from typing_extensions import override

from features.arrays import Floats, Ints
from features.durations import parse_duration
from features.events import EVENT, EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets.firsts import NOTHING, Firsts, first_events
from features.targets.target import Target

NO_EVENT = "nothing"


@dataclass(frozen=True)
class NextEvent(Target):
    """The first of some events in the horizon, or nothing; other events are passed over.

    Parameters
    ----------
    events
        Their names; those that the journey names if left out.
    """

    kind = "next_event"

    events: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "events", tuple(self.events))

    @override
    def causes(self, journey: Journey) -> tuple[str, ...]:
        return self.events or journey.events

    @override
    def classes(self, journey: Journey) -> tuple[str, ...]:
        return (NO_EVENT, *self.causes(journey))

    @override
    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        dimension = log.dimensions[EVENT]
        place = {name: cause for cause, name in enumerate(self.causes(journey))}
        causes = np.array([*(place.get(name, NOTHING) for name in dimension.names), NOTHING])
        return first_events(log, causes[dimension.codes], snapshots)  # code -1, no event, finds the last one

    @override
    def answers(self, firsts: Firsts, stage: Ints, horizon: str) -> Ints:
        return np.where(firsts.wait <= parse_duration(horizon), firsts.cause + 1, 0)

    @override
    def distribution(self, survival: Floats, incidence: Floats, stage: Ints) -> Floats:
        return np.concatenate([survival[..., None], incidence], axis=-1)

    @override
    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "events": list(self.events)}

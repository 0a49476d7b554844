"""Whether a customer is gone."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.arrays import Bools, Floats, Ints
from features.durations import parse_duration
from features.events import EVENT, EventLog
from features.journey import Journey
from features.segments import Selection, positions_at, select
from features.snapshots import Snapshots
from features.targets.firsts import NOTHING, Firsts, first_events
from features.targets.target import Target, yes_and_no


@dataclass(frozen=True)
class Churn(Target):
    """Whether no activity comes in the horizon, asked of customers with activity in one horizon up to the cutoff."""

    kind = "churn"

    @override
    def causes(self, journey: Journey) -> tuple[str, ...]:
        return ("activity",)

    @override
    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        return first_events(log, np.where(_activity(log, journey), 0, NOTHING), snapshots)

    @override
    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots, horizon: str) -> Bools:
        active = activity_of(log, journey)
        start = positions_at(active, snapshots.customer, snapshots.cutoff - parse_duration(horizon))
        return positions_at(active, snapshots.customer, snapshots.cutoff) > start

    @override
    def is_asked_after(self, last_activity: Ints, cutoff: Ints) -> Bools:
        widths = np.array([parse_duration(horizon) for horizon in self.horizons])
        asked: Bools = last_activity[:, None] > cutoff[:, None] - widths
        return asked

    @override
    def answers(self, firsts: Firsts, stage: Ints, horizon: str) -> Ints:
        return (firsts.wait > parse_duration(horizon)).astype(np.int64)

    @override
    def outcomes(self, codes: Ints, stage: Ints) -> Ints:
        return 1 - codes

    @override
    def distribution(self, survival: Floats, incidence: Floats, stage: Ints) -> Floats:
        return yes_and_no(1.0 - survival, survival)


def activity_of(log: EventLog, journey: Journey) -> Selection:
    """Returns the events that count as activity."""
    return select(log.indptr, log.time, _activity(log, journey))


def _activity(log: EventLog, journey: Journey) -> Bools:
    return log.dimensions[EVENT].is_in(journey.activity)

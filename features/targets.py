"""What is predicted: questions about ``(cutoff, cutoff + horizon]`` with one class per answer."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from features.arrays import Bools, Ints
from features.durations import parse_duration
from features.errors import FeatureError, did_you_mean
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey
from features.segments import positions_at, select
from features.snapshots import Snapshots
from features.timeline import stage_timeline

NO_LABEL = -1
NO_YES = ("no", "yes")


@dataclass(frozen=True)
class Target:
    """A question about the horizon after a cutoff."""

    kind: ClassVar[str]

    horizon: str = "28d"

    def __post_init__(self) -> None:
        parse_duration(self.horizon)

    @property
    def name(self) -> str:
        """The target's name, such as ``churn_28d``."""
        return f"{self.kind}_{self.horizon}"

    def classes(self, journey: Journey) -> tuple[str, ...]:
        """Returns the name of each class; a label is a place here."""
        del journey
        return NO_YES

    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Bools:
        """Says at which snapshots the question makes sense, reading nothing after the cutoff."""
        del log, journey
        return np.ones(len(snapshots), dtype=bool)

    def answers(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        """Returns the class of each snapshot as far as the log tells, shape (rows,)."""
        raise NotImplementedError

    def labels(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        """Returns the class of each snapshot, or NO_LABEL where it is not asked or the horizon passes the log's end."""
        complete = snapshots.cutoff + parse_duration(self.horizon) <= log.end
        known = complete & self.is_asked(log, journey, snapshots)
        return np.where(known, self.answers(log, journey, snapshots), NO_LABEL)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``target_from_dict`` makes an equal target."""
        return {"target": self.kind, "horizon": self.horizon}


@dataclass(frozen=True)
class NextStage(Target):
    """The first different stage entered in the horizon; the current one stands for staying."""

    kind = "next_stage"

    @override
    def classes(self, journey: Journey) -> tuple[str, ...]:
        return journey.stage_names

    @override
    def answers(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        timeline = stage_timeline(log, journey)
        customer = snapshots.customer
        now = timeline.stage_at(customer, snapshots.cutoff)
        following = timeline.row_at(customer, snapshots.cutoff) + 1
        begins_lapsed = (following == timeline.indptr[customer]) & (np.append(timeline.stage, -1)[following] == 0)
        following = following + begins_lapsed  # who has no event yet is lapsed already
        exists = following < timeline.indptr[customer + 1]
        entered = np.append(timeline.entered_at, 0)[np.where(exists, following, -1)]
        moves = exists & (entered <= snapshots.cutoff + parse_duration(self.horizon))
        return np.where(moves, np.append(timeline.stage, 0)[np.where(exists, following, -1)], now)


@dataclass(frozen=True)
class Purchase(Target):
    """Whether at least one purchase comes in the horizon; refunds and negative values are none."""

    kind = "purchase"

    @override
    def answers(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        # a missing value is not negative
        bought = log.dimensions[EVENT].is_in(journey.purchase) & ~(log.measures[VALUE] < 0)
        return _any_between(log, bought, snapshots, 0, parse_duration(self.horizon)).astype(np.int64)


@dataclass(frozen=True)
class Churn(Target):
    """Whether no activity comes in the horizon, asked of customers with activity in one horizon up to the cutoff."""

    kind = "churn"

    @override
    def is_asked(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Bools:
        return _any_between(log, _activity(log, journey), snapshots, -parse_duration(self.horizon), 0)

    @override
    def answers(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
        active = _any_between(log, _activity(log, journey), snapshots, 0, parse_duration(self.horizon))
        return (~active).astype(np.int64)


KINDS: dict[str, type[Target]] = {kind.kind: kind for kind in (NextStage, Purchase, Churn)}


def target_from_dict(data: dict[str, Any]) -> Target:
    """Returns the target of plain data, as ``Target.to_dict`` wrote it."""
    name = str(data.get("target"))
    if name not in KINDS:
        raise FeatureError(f"target '{name}' is unknown; {did_you_mean(name, KINDS)}")
    return KINDS[name](horizon=data["horizon"])


def _activity(log: EventLog, journey: Journey) -> Bools:
    return log.dimensions[EVENT].is_in(journey.activity)


def _any_between(log: EventLog, chosen: Bools, snapshots: Snapshots, after: int, until: int) -> Bools:
    """Says whether a chosen event lies in ``(cutoff + after, cutoff + until]``."""
    events = select(log.indptr, log.time, chosen)
    start = positions_at(events, snapshots.customer, snapshots.cutoff + after)
    return positions_at(events, snapshots.customer, snapshots.cutoff + until) > start

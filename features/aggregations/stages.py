"""Where the customer stands in the journey at the cutoff."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation
from features.arrays import Floats
from features.durations import LIFETIME, parse_duration
from features.history import History
from features.kernel.operations import STAGE, STAGE_CHANGES, STAGE_TIME
from features.plan import Plan


@dataclass(frozen=True)
class CurrentStage(Aggregation):
    """The code of the current stage: 0 is lapsed, the others count up in the journey's order."""

    @override
    def columns(self) -> tuple[str, ...]:
        return ("stage_current",)

    @override
    def compile(self, plan: Plan) -> None:
        plan.add(STAGE)

    @override
    def compute(self, history: History) -> list[Floats]:
        snapshots = history.snapshots
        return [history.timeline.stage_at(snapshots.customer, snapshots.cutoff).astype(np.float64)]


@dataclass(frozen=True)
class TimeInStage(Aggregation):
    """Days since the current stage was entered; NaN before the first event."""

    @override
    def columns(self) -> tuple[str, ...]:
        return ("stage_time",)

    @override
    def compile(self, plan: Plan) -> None:
        plan.add(STAGE_TIME)

    @override
    def compute(self, history: History) -> list[Floats]:
        timeline, snapshots = history.timeline, history.snapshots
        row = timeline.row_at(snapshots.customer, snapshots.cutoff)
        entered = np.append(timeline.entered_at, 0)[row]
        known = row >= timeline.indptr[snapshots.customer]
        return [np.where(known, history.days_since(entered), np.nan)]


@dataclass(frozen=True)
class StageChanges(Aggregation):
    """The number of moves from one stage to another in each window; the first stage is not a move."""

    windows: tuple[str, ...] = (LIFETIME,)

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"stage_changes_{window}" for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        for window in self.windows:
            plan.add(STAGE_CHANGES, plan.window(window))

    @override
    def compute(self, history: History) -> list[Floats]:
        timeline, snapshots = history.timeline, history.snapshots
        customer = snapshots.customer
        last = timeline.row_at(customer, snapshots.cutoff)
        columns = []
        for window in self.windows:
            before = timeline.indptr[customer]
            if window != LIFETIME:
                earlier = timeline.row_at(customer, snapshots.cutoff - parse_duration(window))
                before = np.maximum(before, earlier)
            columns.append(np.maximum(last - before, 0).astype(np.float64))
        return columns

"""How long ago and how far apart, in days."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, GroupedAggregation, group_name
from features.arrays import Floats, Ints
from features.durations import DAY, LIFETIME
from features.history import History
from features.kernel.operations import GAPS, RECENCY, TENURE
from features.plan import ALL, Group, Plan
from features.segments import Selection, segment_sum


@dataclass(frozen=True)
class Recency(GroupedAggregation):
    """Days since the last event; NaN if there was none.

    Examples
    --------
    >>> Recency(values=("Product Viewed",)).columns()
    ('product_viewed_recency',)
    """

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{group_name(group)}_recency" for group in self.groups())

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            plan.add(RECENCY, plan.clock(group))

    @override
    def compute(self, history: History) -> list[Floats]:
        return [_days_since_last(history, group) for group in self.groups()]


@dataclass(frozen=True)
class Tenure(Aggregation):
    """Days since the customer's first event; NaN before it."""

    @override
    def columns(self) -> tuple[str, ...]:
        return ("tenure",)

    @override
    def compile(self, plan: Plan) -> None:
        plan.add(TENURE)

    @override
    def compute(self, history: History) -> list[Floats]:
        start, stop = history.segment(Group(ALL), LIFETIME)
        first = np.append(history.log.time, 0)[start]
        return [np.where(start < stop, history.days_since(first), np.nan)]


@dataclass(frozen=True)
class Gaps(GroupedAggregation):
    """Days between consecutive events: the last gap, their mean and standard deviation, and overdue.

    Overdue is the time since the last event divided by the mean gap: 2 means twice as late as usual. NaN where there
    are fewer than two events, and overdue also where the mean gap is zero.

    Examples
    --------
    >>> Gaps(values=("purchase",)).columns()
    ('purchase_gap_last', 'purchase_gap_mean', 'purchase_gap_std', 'purchase_overdue')
    """

    @override
    def columns(self) -> tuple[str, ...]:
        parts = ("gap_last", "gap_mean", "gap_std", "overdue")
        return tuple(f"{group_name(group)}_{part}" for group in self.groups() for part in parts)

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            plan.add(GAPS, plan.rhythm(group), columns=4)

    @override
    def compute(self, history: History) -> list[Floats]:
        return [column for group in self.groups() for column in _gap_columns(history, group)]


def _days_since_last(history: History, group: Group) -> Floats:
    start, stop = history.segment(group, LIFETIME)
    last = np.append(history.selection(group).time, 0)[np.maximum(stop - 1, 0)]
    return np.where(start < stop, history.days_since(last), np.nan)


def _gap_columns(history: History, group: Group) -> list[Floats]:
    selection = history.selection(group)
    first, stop = history.segment(group, LIFETIME)
    start = np.minimum(first + 1, stop)  # the first event has no gap before it
    gap = _gaps(selection)
    count = stop - start
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 is the NaN that is promised
        total = segment_sum(gap, start, stop)
        mean = np.where(count > 0, total / count, np.nan)
        # deviations from the customer's own first gap keep small spreads from drowning in large squares
        owner = np.repeat(np.arange(len(selection.indptr) - 1), np.diff(selection.indptr))
        own_first = np.append(gap, 0.0)[np.minimum(selection.indptr[:-1] + 1, len(gap))]
        shifted = gap - own_first[owner]
        variance = segment_sum(shifted**2, start, stop) / count - (segment_sum(shifted, start, stop) / count) ** 2
        std = np.where(count > 0, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        overdue = np.where(mean > 0, _days_since_last(history, group) / mean, np.nan)
    last = np.where(count > 0, np.append(gap, 0.0)[np.maximum(stop - 1, 0)], np.nan)
    return [last, mean, std, overdue]


def _gaps(selection: Selection) -> Floats:
    """Returns days from each event to the one before it; what stands at a customer's first event is never read."""
    before: Ints = np.append(selection.time[:1], selection.time[:-1])
    return (selection.time - before) / float(DAY)

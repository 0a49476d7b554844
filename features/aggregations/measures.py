"""Statistics of a measure, such as the value of purchases, over windows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import GroupedAggregation, group_name
from features.arrays import Floats, Ints
from features.events import VALUE
from features.history import History
from features.kernel.operations import EXTREME, MEAN, SUM
from features.plan import LARGEST, Plan
from features.segments import segment_max, segment_sum


@dataclass(frozen=True)
class MeasureAggregation(GroupedAggregation):
    """A statistic of one measure of the events in each window that have it."""

    statistic: ClassVar[str]

    measure: str = VALUE
    windows: tuple[str, ...] = ("28d",)

    @override
    def columns(self) -> tuple[str, ...]:
        what = self.statistic if self.measure == VALUE else f"{self.measure}_{self.statistic}"
        return tuple(f"{group_name(group)}_{what}_{window}" for group in self.groups() for window in self.windows)

    @override
    def compute(self, history: History) -> list[Floats]:
        return [
            self.reduce(history.measure(group), *history.segment(group, window))
            for group in self.groups()
            for window in self.windows
        ]

    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        """Returns the statistic of ``values[start:stop]`` for each pair."""
        raise NotImplementedError


@dataclass(frozen=True)
class Sum(MeasureAggregation):
    """The sum of a measure; zero without events.

    Examples
    --------
    >>> Sum(values=("purchase",), windows=("28d",)).columns()
    ('purchase_sum_28d',)
    """

    statistic = "sum"

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            for window in self.windows:
                plan.add(SUM, plan.counter(group, window))

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        return segment_sum(values, start, stop)


@dataclass(frozen=True)
class Mean(MeasureAggregation):
    """The mean of a measure; NaN without events."""

    statistic = "mean"

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            for window in self.windows:
                plan.add(MEAN, plan.counter(group, window))

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is promised
            return segment_sum(values, start, stop) / (stop - start)


@dataclass(frozen=True)
class StackedAggregation(MeasureAggregation):
    """A statistic that the kernel takes from a stack of the events that may still decide it."""

    operation: ClassVar[int]
    keeps: ClassVar[int]

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            for window in self.windows:
                plan.add(self.operation, plan.stack(group, self.keeps), plan.window(window))


@dataclass(frozen=True)
class Max(StackedAggregation):
    """The largest value of a measure; NaN without events."""

    statistic = "max"
    operation, keeps = EXTREME, LARGEST

    @override
    def reduce(self, values: Floats, start: Ints, stop: Ints) -> Floats:
        return segment_max(values, start, stop)

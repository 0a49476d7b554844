"""How often something happened: counts, active days, and the trend of a count."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, GroupedAggregation, group_name
from features.arrays import Bools, Floats
from features.durations import DAY, parse_duration
from features.errors import FeatureError
from features.history import History
from features.kernel.operations import COUNT, OPENINGS, TREND
from features.plan import ALL, Group, Plan
from features.segments import count_true


@dataclass(frozen=True)
class Count(GroupedAggregation):
    """The number of events in each window.

    Examples
    --------
    >>> Count(by="event", values=("purchase",), windows=("7d", "lifetime")).columns()
    ('purchase_count_7d', 'purchase_count_lifetime')
    """

    windows: tuple[str, ...] = ("28d",)

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{group_name(group)}_count_{window}" for group in self.groups() for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            for window in self.windows:
                plan.add(COUNT, plan.counter(group, window))

    @override
    def compute(self, history: History) -> list[Floats]:
        segments = [history.segment(group, window) for group in self.groups() for window in self.windows]
        return [(stop - start).astype(np.float64) for start, stop in segments]


@dataclass(frozen=True)
class ActiveDays(Aggregation):
    """The number of different UTC days with an event in each window."""

    windows: tuple[str, ...] = ("28d",)

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"active_days_{window}" for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        for window in self.windows:
            plan.add(OPENINGS, plan.session(0), plan.window(window))

    @override
    def compute(self, history: History) -> list[Floats]:
        day = history.log.time // DAY
        return openings(history, day[1:] != day[:-1], self.windows)


def openings(history: History, late: Bools, windows: tuple[str, ...]) -> list[Floats]:
    """Returns how many days or sessions each window touches; ``late`` says which events after the first open one."""
    customer = history.log.customer
    opens = np.append(True, late | (customer[1:] != customer[:-1]))[: len(customer)]
    columns = []
    for window in windows:
        start, stop = history.segment(Group(ALL), window)
        cut = (start < stop) & ~np.append(opens, True)[start]  # the window begins amid one
        columns.append((count_true(opens, start, stop) + cut).astype(np.float64))
    return columns


@dataclass(frozen=True)
class Trend(GroupedAggregation):
    """The rate of events in a short window divided by the rate in a long one; NaN without events in the long one.

    Examples
    --------
    >>> Trend(values=("purchase",), short="7d", long="28d").columns()
    ('purchase_trend_7d_28d',)
    """

    short: str = "28d"
    long: str = "91d"

    def __post_init__(self) -> None:
        super().__post_init__()
        if parse_duration(self.short) >= parse_duration(self.long):
            raise FeatureError(f"Trend: short window '{self.short}' is not shorter than '{self.long}'; swap them")

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{group_name(group)}_trend_{self.short}_{self.long}" for group in self.groups())

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            short, long = (plan.counter(group, window) for window in (self.short, self.long))
            plan.add(TREND, short, long, scale=parse_duration(self.long) / parse_duration(self.short))

    @override
    def compute(self, history: History) -> list[Floats]:
        scale = parse_duration(self.long) / parse_duration(self.short)
        columns = []
        for group in self.groups():
            start, stop = history.segment(group, self.long)
            recent, _ = history.segment(group, self.short)
            with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is promised
                columns.append((stop - recent) * scale / (stop - start))
        return columns

"""The rhythm of events: sessions, and whether counts rise or fall."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, GroupedAggregation, group_name
from features.aggregations.counts import openings
from features.arrays import Floats
from features.durations import LIFETIME, parse_duration
from features.errors import FeatureError
from features.history import History
from features.kernel.operations import OPENINGS, SLOPE
from features.layout import blocks, laid_out
from features.plan import Group, Plan

USUAL_GAP = "30m"


@dataclass(frozen=True)
class Sessions(Aggregation):
    """The number of sessions that have an event in each window, one that began before the window included.

    A session goes on until more than ``gap`` passes without an event.

    Examples
    --------
    >>> Sessions(windows=("7d",)).columns(), Sessions(gap="1d", windows=("7d",)).columns()
    (('sessions_7d',), ('sessions_1d_gap_7d',))
    """

    gap: str = USUAL_GAP
    windows: tuple[str, ...] = ("28d",)

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_duration(self.gap)

    @override
    def columns(self) -> tuple[str, ...]:
        what = "sessions" if self.gap == USUAL_GAP else f"sessions_{self.gap}_gap"
        return tuple(f"{what}_{window}" for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        for window in self.windows:
            plan.add(OPENINGS, plan.session(parse_duration(self.gap)), plan.window(window))

    @override
    def compute(self, history: History) -> list[Floats]:
        time = history.log.time
        return openings(history, time[1:] - time[:-1] > parse_duration(self.gap), self.windows)


@dataclass(frozen=True)
class Slope(GroupedAggregation):
    """The slope of a least-squares line through the counts of events per bucket in each window.

    In events per bucket and bucket: 1 means one event more each bucket. Bucket j of n is
    ``(cutoff - (j + 1) * bucket, cutoff - j * bucket]``. Buckets before the customer's first event count as empty,
    so a window without events has slope 0.

    Examples
    --------
    >>> Slope(values=("purchase",), windows=("84d",)).columns()
    ('purchase_slope_84d',)
    """

    windows: tuple[str, ...] = ("84d",)
    bucket: str = "7d"

    def __post_init__(self) -> None:
        super().__post_init__()
        width = parse_duration(self.bucket)
        for window in self.windows:
            if window == LIFETIME or parse_duration(window) % width or parse_duration(window) < 2 * width:
                raise FeatureError(
                    f"Slope: window '{window}' is not at least two whole buckets of '{self.bucket}'; "
                    "give a multiple of the bucket"
                )

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{group_name(group)}_slope_{window}" for group in self.groups() for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        width = parse_duration(self.bucket)
        for group in self.groups():
            for window in self.windows:
                buckets = parse_duration(window) // width
                plan.add(SLOPE, plan.slope(group, width, buckets), buckets, scale=buckets * (buckets**2 - 1))

    @override
    def compute(self, history: History) -> list[Floats]:
        return [self._slope(history, group, window) for group in self.groups() for window in self.windows]

    def _slope(self, history: History, group: Group, window: str) -> Floats:
        """Returns ``sum((x - mean(x)) * count) / sum((x - mean(x)) ** 2)`` with x = n - 1 - j.

        Each event adds its bucket's ``x - mean(x) = (n - 1) / 2 - j`` to the first sum, twice which is a whole number
        and exact in any order; the second sum is ``n * (n * n - 1) / 12``.
        """
        time, cutoff = history.selection(group).time, history.snapshots.cutoff
        width = parse_duration(self.bucket)
        buckets = parse_duration(window) // width
        start, stop = history.segment(group, window)
        doubled = np.empty(len(start))
        for rows in blocks(start, stop):
            row, position = laid_out(start[rows], stop[rows])
            back = (cutoff[rows][row] - time[position]) // width
            doubled[rows] = np.bincount(row, weights=buckets - 1 - 2 * back, minlength=rows.stop - rows.start)
        return 6.0 * doubled / (buckets * (buckets**2 - 1))

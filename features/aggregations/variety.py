"""How many different values of a dimension a customer met, and how evenly."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import GroupedAggregation, group_name, names_in
from features.arrays import Codes, Floats, Ints
from features.events import CHANNEL
from features.history import History
from features.journey import Journey
from features.kernel.operations import DISTINCT, ENTROPY
from features.layout import blocks, laid_out
from features.plan import ALL, Group, Plan
from features.segments import segment_sum
from features.vocabulary import Vocabulary


@dataclass(frozen=True)
class VarietyAggregation(GroupedAggregation):
    """A statistic of the values that one dimension takes among the events in each window.

    Parameters
    ----------
    of
        The dimension whose values are looked at; events without one are passed over.
    """

    statistic: ClassVar[str]
    operation: ClassVar[int]

    by: str = ALL
    of: str = CHANNEL
    windows: tuple[str, ...] = ("28d",)

    @override
    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        names_in(vocabulary, self.of)
        return super().bind(vocabulary, journey)

    @override
    def columns(self) -> tuple[str, ...]:
        what = f"{self.of}_{self.statistic}"
        return tuple(f"{group_name(group)}_{what}_{window}" for group in self.groups() for window in self.windows)

    @override
    def compile(self, plan: Plan) -> None:
        for group in self.groups():
            for window in self.windows:
                plan.add(self.operation, plan.variety(group, window, self.of))

    @override
    def compute(self, history: History) -> list[Floats]:
        columns = []
        for group in self.groups():
            codes = codes_of(history, self.of)[history.selection(group).rows]
            columns += [self.reduce(history, group, codes, window) for window in self.windows]
        return columns

    def reduce(self, history: History, group: Group, codes: Codes, window: str) -> Floats:
        """Returns the statistic of the codes of a group's events in one window, shape (rows,)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Distinct(VarietyAggregation):
    """The number of different values of a dimension in each window.

    Examples
    --------
    >>> Distinct(by="event", values=("purchase",), of="product", windows=("28d",)).columns()
    ('purchase_product_distinct_28d',)
    """

    statistic = "distinct"
    operation = DISTINCT

    @override
    def reduce(self, history: History, group: Group, codes: Codes, window: str) -> Floats:
        start, stop = history.segment(group, window)
        previous = _previous_alike(history.selection(group).indptr, codes)
        distinct = np.empty(len(start))
        for rows in blocks(start, stop):
            row, position = laid_out(start[rows], stop[rows])
            first_in_window = (codes[position] >= 0) & (previous[position] < start[rows][row])
            distinct[rows] = np.bincount(row[first_in_window], minlength=rows.stop - rows.start)
        return distinct


@dataclass(frozen=True)
class Entropy(VarietyAggregation):
    """The entropy of a dimension's values in each window, in nats: 0 of one value, ``log(n)`` of n equally frequent.

    ``sum(p * log(1 / p))`` over the values' shares p (Shannon, 1948); NaN without events that have a value. The
    logarithm is the processor's, so that its last bit may differ between machines of different make.

    Examples
    --------
    >>> Entropy(of="channel", windows=("28d",), values=("",)).columns()
    ('events_channel_entropy_28d',)
    """

    statistic = "entropy"
    operation = ENTROPY

    @override
    def reduce(self, history: History, group: Group, codes: Codes, window: str) -> Floats:
        start, stop = history.segment(group, window)
        entropy = np.empty(len(start))
        for rows in blocks(start, stop):
            row, position = laid_out(start[rows], stop[rows])
            present = codes[position] >= 0
            entropy[rows] = _entropy(row[present], codes[position][present], rows.stop - rows.start)
        return entropy


def codes_of(history: History, dimension: str) -> Codes:
    """Returns the code of each event of the log; -1 for all when the log has no such dimension."""
    if dimension not in history.log.dimensions:
        return np.full(history.log.n_events, -1, dtype=np.int32)
    return history.log.dimensions[dimension].codes


def _previous_alike(indptr: Ints, codes: Codes) -> Ints:
    """Returns the position of the customer's event before with the same code; -1 where there is none."""
    customer = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    order = np.lexsort((codes, customer))
    alike = (codes[order][1:] == codes[order][:-1]) & (customer[order][1:] == customer[order][:-1])
    previous = np.full(len(codes), -1, dtype=np.int64)
    previous[order[1:]] = np.where(alike, order[:-1], -1)
    return previous


def _entropy(row: Ints, codes: Codes, rows: int) -> Floats:
    width = int(codes.max(initial=0)) + 1
    pairs, counts = np.unique(row * width + codes, return_counts=True)
    # by size, so that the order of the sum does not depend on what codes the log gave to the values
    order = np.lexsort((counts, pairs // width))
    owner, counts = (pairs // width)[order], counts[order]
    total = np.bincount(row, minlength=rows)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=rows))])
    terms = counts / total[owner] * np.log(total[owner] / counts)
    return np.where(total > 0, segment_sum(terms, bounds[:-1], bounds[1:]), np.nan)

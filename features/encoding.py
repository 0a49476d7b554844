"""A log as the kernel reads it: codes that the plan knows, and the measures and attributes that it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from features.arrays import Codes, Floats, Ints, plain
from features.events import EventLog
from features.kernel.spec import Events
from features.kinds import Kinds
from features.plan import Plan


@dataclass(frozen=True, eq=False)
class DatedNumbers:
    """One attribute that changes, as numbers; those of customer c are rows ``indptr[c]`` to ``indptr[c + 1]``."""

    indptr: Ints
    valid_from: Ints
    numbers: Floats

    def of_customer(self, place: int) -> "DatedNumbers":
        """Returns a copy of those of one customer alone."""
        own = rows_of(self.indptr, place)
        return DatedNumbers(pointer_of(own), self.valid_from[own].copy(), self.numbers[own].copy())


@dataclass(frozen=True, eq=False)
class Encoded:
    """A log as numbers alone: nothing in it depends on the words of other customers, so that logs can be joined.

    Parameters
    ----------
    names
        The size of the largest dictionary that ``events.codes`` point into.
    dated
        By column of the features, the attributes that change.
    log
        The log itself, if NumPy computes some of the features; otherwise it can be forgotten.
    """

    events: Events
    names: int
    dated: dict[int, DatedNumbers]
    log: EventLog | None = None

    @classmethod
    def of(cls, log: EventLog, plan: Plan, kinds: Kinds) -> "Encoded":
        """Returns a log as a plan reads it."""
        dated = {}
        if log.dated is not None:
            for column, attribute in plan.dated(log):
                numbers = attribute.as_numbers(log.dated.columns[attribute.name])
                dated[column] = DatedNumbers(log.dated.indptr, log.dated.valid_from, numbers)
        return cls(encode(log, plan, kinds), most_names(log, plan), dated, log if plan.interpreted else None)

    @classmethod
    def join(cls, parts: Sequence["Encoded"]) -> "Encoded":
        """Returns the customers of several logs, one log after the other; each is encoded by the same plan."""
        events = [part.events for part in parts]
        joined = Events(
            indptr=joined_pointers([each.indptr for each in events]),
            time=np.concatenate([each.time for each in events]),
            kinds=np.concatenate([each.kinds for each in events]),
            codes=np.concatenate([each.codes for each in events], axis=1),
            measures=np.concatenate([each.measures for each in events], axis=1),
            attributes=np.concatenate([each.attributes for each in events], axis=1),
        )
        columns = dict.fromkeys(chain.from_iterable(part.dated for part in parts))
        dated = {column: _joined_numbers(parts, column) for column in columns}
        return cls(joined, max(part.names for part in parts), dated)

    def of_customer(self, place: int) -> "Encoded":
        """Returns a copy of what there is of one customer alone."""
        events, own = self.events, rows_of(self.events.indptr, place)
        alone = Events(
            indptr=pointer_of(own),
            time=events.time[own].copy(),
            kinds=events.kinds[own].copy(),
            codes=events.codes[:, own].copy(),
            measures=events.measures[:, own].copy(),
            attributes=events.attributes[:, place : place + 1].copy(),
        )
        return Encoded(alone, self.names, {column: dated.of_customer(place) for column, dated in self.dated.items()})


def rows_of(indptr: Ints, place: int) -> slice:
    """Returns where the rows of one customer lie."""
    return slice(int(indptr[place]), int(indptr[place + 1]))


def pointer_of(rows: slice) -> Ints:
    """Returns the indptr of these rows alone."""
    return np.array([0, rows.stop - rows.start], dtype=np.int64)


def joined_pointers(pointers: Sequence[Ints]) -> Ints:
    """Returns the indptr of logs that lie one after the other.

    Examples
    --------
    >>> joined_pointers([np.array([0, 2]), np.array([0, 0, 3])])
    array([0, 2, 2, 5])
    """
    counts = np.diff(np.concatenate(pointers))
    seams = np.cumsum([len(pointer) for pointer in pointers])[:-1] - 1  # where the next one begins at 0 again
    return np.concatenate([[0], np.cumsum(np.delete(counts, seams))]).astype(np.int64)


def _joined_numbers(parts: Sequence[Encoded], column: int) -> DatedNumbers:
    nothing = np.zeros(0, dtype=np.int64)
    own = [
        part.dated.get(column) or DatedNumbers(np.zeros_like(part.events.indptr), nothing, nothing.astype(np.float64))
        for part in parts
    ]
    return DatedNumbers(
        joined_pointers([each.indptr for each in own]),
        np.concatenate([each.valid_from for each in own]),
        np.concatenate([each.numbers for each in own]),
    )


def encode(log: EventLog, plan: Plan, kinds: Kinds) -> Events:
    """Returns the log for the kernel: 4 bytes per event and dimension, and a copy of measures if there are several."""
    return Events(
        indptr=plain(log.indptr, np.int64),
        time=plain(log.time, np.int64),
        kinds=kinds.of(log),
        codes=_codes(log, plan),
        measures=_stacked([log.measures.get(name) for name in plan.measures], log.n_events),
        attributes=_stacked([attribute.numbers(log) for attribute in plan.attributes], log.n_customers),
    )


def most_names(log: EventLog, plan: Plan) -> int:
    """Returns the size of the largest dictionary of which a plan counts different values."""
    return max((len(log.dimensions[name].names) for name in plan.varied if name in log.dimensions), default=0)


def _codes(log: EventLog, plan: Plan) -> Codes:
    codes = np.full((len(plan.varied), log.n_events), -1, dtype=np.int32)
    for row, name in enumerate(plan.varied):
        if name in log.dimensions:
            codes[row] = log.dimensions[name].codes
    return codes


def _stacked(columns: list[Floats | None], length: int) -> Floats:
    """Returns columns as rows of one array, NaN for one that is missing; a single column is not copied."""
    if len(columns) == 1 and columns[0] is not None:
        alone: Floats = plain(columns[0], np.float64).reshape(1, -1)
        return alone
    stacked = np.full((len(columns), length), np.nan)
    for row, column in enumerate(columns):
        if column is not None:
            stacked[row] = column
    return stacked

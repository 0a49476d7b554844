"""The immutable, sorted events: the only data input of every feature and label."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.arrays import Bools, Codes, Floats, Ints, Texts, plain
from features.errors import StoreError
from features.kernel.counting import count_codes

EVENT = "event"
CHANNEL = "channel"
VALUE = "value"


@dataclass(frozen=True, eq=False)
class Dimension:
    """A dictionary-encoded text column: ``names[codes[i]]`` is the text of row i, code -1 stands for a missing one."""

    codes: Codes
    names: tuple[str, ...]

    @classmethod
    def encode(cls, texts: Texts) -> "Dimension":
        """Encodes texts; None is missing."""
        codes, names = pd.factorize(texts)
        return cls.of(codes, names.tolist())

    @classmethod
    def listed(cls, texts: Sequence[str | None]) -> "Dimension":
        """Encodes a list of texts, quickly also if it is short; None is missing."""
        names = sorted({text for text in texts if text is not None})
        place: dict[str | None, int] = {name: code for code, name in enumerate(names)}
        place[None] = -1
        return cls(np.array([place[text] for text in texts], dtype=np.int32), tuple(names))

    @classmethod
    def of(cls, codes: NDArray[Any], names: Sequence[str]) -> "Dimension":
        """Returns the dictionary of codes into different names, each name of it in use.

        Names are sorted, so that codes do not depend on the order of rows.
        """
        plain_codes = plain(codes, np.int32)
        used = np.zeros(len(names) + 1, dtype=np.int64)  # code -1 is counted first
        count_codes(plain_codes, used)
        order = sorted(np.flatnonzero(used[1:]).tolist(), key=names.__getitem__)
        if order == list(range(len(names))):
            return cls(plain_codes, tuple(names))
        place = np.full(len(names) + 1, -1, dtype=np.int32)  # code -1 finds the last one
        place[order] = np.arange(len(order))
        return cls(place[plain_codes], tuple(names[code] for code in order))

    def texts(self) -> Texts:
        """Returns the text of each row; None where it is missing."""
        return np.array([*self.names, None], dtype=object)[self.codes]

    def is_in(self, names: Sequence[str]) -> Bools:
        """Says for each row whether its text is one of ``names``; a missing text never is."""
        wanted = set(names)
        table = np.array([*(name in wanted for name in self.names), False], dtype=bool)  # code -1 finds the last one
        return table[self.codes]

    def take(self, rows: Ints | slice) -> "Dimension":
        """Returns the same dictionary over some of the rows."""
        return Dimension(self.codes[rows], self.names)


@dataclass(frozen=True, eq=False)
class DatedAttributes:
    """Attributes that change: each row of a customer holds from its ``valid_from`` until the next one's.

    Parameters
    ----------
    indptr
        Those of customer c are rows ``indptr[c]`` to ``indptr[c + 1]``, shape (customers + 1,).
    valid_from
        UTC microseconds, rising within a customer, shape (rows,).
    columns
        Numbers, or texts as a Dimension, each of shape (rows,).
    """

    indptr: Ints
    valid_from: Ints
    columns: Mapping[str, Floats | Dimension]

    def select(self, positions: Ints) -> "DatedAttributes":
        """Returns those of some customers, in the order given."""
        indptr, rows = _rows_of(self.indptr, positions)
        columns = {name: _take(column, rows) for name, column in self.columns.items()}
        return DatedAttributes(indptr, self.valid_from[rows], columns)

    def until(self, moment: int) -> "DatedAttributes":
        """Returns those that held at or before a moment."""
        kept = self.valid_from <= moment
        columns = {
            name: Dimension.of(column.codes[kept], column.names) if isinstance(column, Dimension) else column[kept]
            for name, column in self.columns.items()
        }
        return DatedAttributes(_indptr_of(self.indptr, kept), self.valid_from[kept], columns)


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events sorted by customer and time; those of customer c are rows ``indptr[c]`` to ``indptr[c + 1]``.

    Parameters
    ----------
    customers
        Sorted ids, shape (customers,).
    indptr
        Shape (customers + 1,).
    time
        UTC microseconds at which each event joined the history: ``max(timestamp, known_at)``. Equal times keep their
        input order.
    dimensions
        ``event``, ``channel`` and any declared one, each of shape (events,).
    measures
        ``value`` and any declared one, each of shape (events,), NaN where missing.
    attributes
        Per customer, shape (customers,): numbers, or texts as a Dimension.
    dated
        Attributes with a ``valid_from``, if there are any.
    end
        The instant until which events are complete; labels that would read past it do not exist.
    """

    customers: Texts
    indptr: Ints
    time: Ints
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Floats]
    end: int
    attributes: Mapping[str, Floats | Dimension] = field(default_factory=dict)
    dated: DatedAttributes | None = None

    @property
    def n_events(self) -> int:
        """The number of events."""
        return len(self.time)

    @property
    def n_customers(self) -> int:
        """The number of customers, those without events included."""
        return len(self.customers)

    @property
    def attribute_columns(self) -> dict[str, Floats | Dimension]:
        """The columns of all attributes, those with a ``valid_from`` included."""
        return {**self.attributes, **({} if self.dated is None else self.dated.columns)}

    @property
    def start(self) -> int:
        """The time of the first event."""
        return int(self.time.min())

    @property
    def customer(self) -> Ints:
        """The position of each event's customer, shape (events,)."""
        return np.repeat(np.arange(self.n_customers), np.diff(self.indptr))

    def positions(self, ids: Sequence[str]) -> Ints:
        """Returns where each id stands in ``customers``.

        Raises
        ------
        StoreError
            If an id is not in the log.
        """
        if len(ids) == 0:
            return np.empty(0, dtype=np.int64)
        wanted = np.asarray(ids, dtype=object)
        found = np.minimum(np.searchsorted(self.customers, wanted), self.n_customers - 1)
        unknown = self.customers[found] != wanted
        if unknown.any():
            name = wanted[int(unknown.argmax())]
            raise StoreError(f"customer {name!r} is not among the {self.n_customers} of the log; check the id")
        return found.astype(np.int64)

    def select(self, positions: Ints) -> "EventLog":
        """Returns the log of some customers alone, in the order given; ``end`` and the dictionaries stay."""
        indptr, rows = _rows_of(self.indptr, positions)
        return EventLog(
            customers=self.customers[positions],
            indptr=indptr,
            time=self.time[rows],
            dimensions={name: dimension.take(rows) for name, dimension in self.dimensions.items()},
            measures={name: measure[rows] for name, measure in self.measures.items()},
            end=self.end,
            attributes={name: _take(column, positions) for name, column in self.attributes.items()},
            dated=None if self.dated is None else self.dated.select(positions),
        )

    def between(self, first: int, last: int) -> "EventLog":
        """Returns the log of neighbouring customers alone, the last one not included; nothing is copied."""
        customers, rows = slice(first, last), slice(int(self.indptr[first]), int(self.indptr[last]))
        return EventLog(
            customers=self.customers[customers],
            indptr=self.indptr[first : last + 1] - self.indptr[first],
            time=self.time[rows],
            dimensions={name: dimension.take(rows) for name, dimension in self.dimensions.items()},
            measures={name: measure[rows] for name, measure in self.measures.items()},
            end=self.end,
            attributes={name: _take(column, customers) for name, column in self.attributes.items()},
            dated=None if self.dated is None else self.dated.select(np.arange(first, last)),
        )

    def until(self, moment: int) -> "EventLog":
        """Returns the log as it was at a moment: of later events not even the names are left, nor of later attributes.

        Every customer stays, also one who then has no event.
        """
        kept = self.time <= moment
        dated = self.dated
        return replace(
            self,
            indptr=_indptr_of(self.indptr, kept),
            time=self.time[kept],
            dimensions={
                name: Dimension.of(dimension.codes[kept], dimension.names)
                for name, dimension in self.dimensions.items()
            },
            measures={name: measure[kept] for name, measure in self.measures.items()},
            end=min(self.end, moment),
            dated=None if dated is None else dated.until(moment),
        )

    def fingerprint(self) -> str:
        """Returns the SHA-256 of everything in the log: the data-set hash of a training run."""
        digest = hashlib.sha256()
        parts = [self.indptr, self.time, *_flat(self.dimensions), *_flat(self.measures), *_flat(self.attributes)]
        if self.dated is not None:
            parts += [self.dated.indptr, self.dated.valid_from, *_flat(self.dated.columns)]
        for part in parts:
            digest.update(np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else part.encode())
        digest.update("\x00".join(self.customers.tolist()).encode() + str(self.end).encode())
        return digest.hexdigest()


def _indptr_of(indptr: Ints, kept: Bools) -> Ints:
    """Returns the indptr of the rows that are kept."""
    return np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)[indptr]


def _rows_of(indptr: Ints, positions: Ints) -> tuple[Ints, Ints]:
    """Returns the indptr of some customers alone, and where their rows stand."""
    counts = indptr[positions + 1] - indptr[positions]
    own = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return own, np.repeat(indptr[positions] - own[:-1], counts) + np.arange(own[-1])


def _take(column: Floats | Dimension, rows: Ints | slice) -> Floats | Dimension:
    return column.take(rows) if isinstance(column, Dimension) else column[rows]


def _flat(columns: Mapping[str, Floats | Dimension]) -> list[str | Codes | Floats]:
    parts: list[str | Codes | Floats] = []
    for name in sorted(columns):
        column = columns[name]
        parts.append(name)
        parts.extend(["\x00".join(column.names), column.codes] if isinstance(column, Dimension) else [column])
    return parts

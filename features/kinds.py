"""Kinds of events: the combinations of names that a feature set tells apart, numbered."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import prod

import numpy as np

from features.arrays import Codes, Ints, Places
from features.events import EventLog

MISSING, UNLISTED = "\x00missing", "\x00unlisted"
NOT_NAMED = {MISSING: 0, UNLISTED: 1}
MOST_COMBINED = 1024
"""Dimensions are looked up together while they make no more kinds than this: one look per event instead of several."""

MOST_VOCABULARIES = 64


@dataclass(frozen=True)
class Kinds:
    """The kinds of events.

    Parameters
    ----------
    dimensions
        For each dimension that is read a place for each name that matters; every other text counts as ``UNLISTED``,
        none at all as ``MISSING``.
    """

    dimensions: Mapping[str, Mapping[str, int]]

    @cached_property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The dimensions that are looked up together."""
        columns: list[tuple[str, ...]] = []
        for name in self.dimensions:
            together = (*columns[-1], name) if columns else (name,)
            if columns and prod(len(self.dimensions[part]) for part in together) <= MOST_COMBINED:
                columns[-1] = together
            else:
                columns.append((name,))
        return tuple(columns)

    def __len__(self) -> int:
        return self._starts[-1]

    def having(self, dimension: str, name: str) -> Ints:
        """Returns the numbers of the kinds of events with a name in a dimension.

        Examples
        --------
        >>> kinds = Kinds({"event": {"a": 0, "b": 1}, "channel": {"x": 0, "y": 1, "z": 2}})
        >>> kinds.having("event", "b").tolist(), kinds.having("channel", "y").tolist()
        ([3, 4, 5], [1, 4])
        """
        column = self.column_of(dimension)
        numbers = np.arange(self._starts[column], self._starts[column + 1]).reshape(self._shape(column))
        axis = self.columns[column].index(dimension)
        return numbers.take(self.dimensions[dimension][name], axis=axis).ravel()

    def column_of(self, dimension: str) -> int:
        """Returns the number of the column that a dimension is in."""
        return next(number for number, names in enumerate(self.columns) if dimension in names)

    def of(self, log: EventLog) -> Places:
        """Returns the kind of each event of a log, shape (events, columns)."""
        kinds = np.empty((log.n_events, len(self.columns)), dtype=np.uint32)
        for number, names in enumerate(self.columns):
            first, *others = (self._places(log, name) for name in names)
            for name, places in zip(names[1:], others, strict=True):
                first = first * len(self.dimensions[name]) + places
            np.add(first, self._starts[number], out=kinds[:, number], casting="unsafe")
        return kinds

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(prod(self._shape(column)) for column in range(len(self.columns)))]

    def _shape(self, column: int) -> tuple[int, ...]:
        return tuple(len(self.dimensions[name]) for name in self.columns[column])

    def _places(self, log: EventLog, name: str) -> Codes:
        dimension = log.dimensions.get(name)
        if dimension is None:
            return np.full(log.n_events, self.dimensions[name][MISSING], dtype=np.int32)
        key = (name, dimension.names)
        table = self._tables.get(key)
        if table is None:
            if len(self._tables) >= MOST_VOCABULARIES:
                self._tables.clear()
            places = self.dimensions[name]
            known = [places.get(text, places[UNLISTED]) for text in dimension.names]
            table = self._tables[key] = np.array(
                [*known, places[MISSING]], dtype=np.int32
            )  # code -1 finds the last one
        found: Codes = table[dimension.codes]
        return found

    @cached_property
    def _tables(self) -> dict[tuple[str, tuple[str, ...]], Codes]:
        """The places of the names of recent logs: a service sees the same ones in request after request."""
        return {}

"""The words of a log and how often they occur: all that a feature set must know of the events before it computes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import plain
from features.events import CHANNEL, EVENT, Dimension, EventLog
from features.kernel.counting import count_codes, count_pairs

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Vocabulary:
    """What a log holds, in a size that does not grow with its events.

    Parameters
    ----------
    dimensions
        For each dimension its names, sorted, and the number of events with each.
    together
        For each channel the number of its events by name; pairs that never occur are left out.
    measures
        Each measure, and whether some event has a finite value of it.
    attributes
        Each customer attribute in the order of the table: its texts, sorted, or None for one of numbers.
    """

    dimensions: Mapping[str, Counts]
    together: Mapping[str, Counts]
    measures: Mapping[str, bool]
    attributes: Mapping[str, tuple[str, ...] | None]

    @classmethod
    def of(cls, log: "EventLog | Vocabulary") -> "Vocabulary":
        """Returns the vocabulary of a log; one that is given already stays as it is."""
        if isinstance(log, Vocabulary):
            return log
        return cls(
            dimensions={name: _counts(dimension) for name, dimension in log.dimensions.items()},
            together=_together(log.dimensions),
            measures={name: bool(np.isfinite(values).any()) for name, values in log.measures.items()},
            attributes={
                name: column.names if isinstance(column, Dimension) else None
                for name, column in log.attribute_columns.items()
            },
        )

    @classmethod
    def merge(cls, parts: Iterable["Vocabulary"]) -> "Vocabulary":
        """Returns the vocabulary of logs put together: equal to that of the whole log, however it was divided."""
        dimensions: dict[str, Counter[str]] = {}
        together: dict[str, Counter[str]] = {}
        measures: dict[str, bool] = {}
        attributes: dict[str, set[str] | None] = {}
        for part in parts:
            for name, counts in part.dimensions.items():
                dimensions.setdefault(name, Counter()).update(counts)
            for channel, counts in part.together.items():
                together.setdefault(channel, Counter()).update(counts)
            for name, finite in part.measures.items():
                measures[name] = measures.get(name, False) or finite
            for name, texts in part.attributes.items():
                known = attributes.setdefault(name, None if texts is None else set())
                if known is not None:
                    known.update(texts or ())
        return cls(
            dimensions={name: _sorted(counts) for name, counts in dimensions.items()},
            together={channel: _sorted(counts) for channel, counts in sorted(together.items())},
            measures=measures,
            attributes={name: None if texts is None else tuple(sorted(texts)) for name, texts in attributes.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal vocabulary."""
        return {
            "dimensions": {name: dict(counts) for name, counts in self.dimensions.items()},
            "together": {channel: dict(counts) for channel, counts in self.together.items()},
            "measures": dict(self.measures),
            "attributes": {name: None if texts is None else list(texts) for name, texts in self.attributes.items()},
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Vocabulary":
        """Returns the vocabulary of plain data."""
        attributes = {name: None if texts is None else tuple(texts) for name, texts in data["attributes"].items()}
        return cls(data["dimensions"], data["together"], data["measures"], attributes)


def _counts(dimension: Dimension) -> Counts:
    counted = np.zeros(len(dimension.names) + 1, dtype=np.int64)
    count_codes(plain(dimension.codes, np.int32), counted)
    return dict(zip(dimension.names, counted[1:].tolist(), strict=True))


def _together(dimensions: Mapping[str, Dimension]) -> dict[str, Counts]:
    channel, event = dimensions.get(CHANNEL), dimensions.get(EVENT)
    if channel is None or event is None:
        return {}
    together: dict[str, dict[str, int]] = {}
    for first, second, count in zip(*_pairs(channel, event), strict=True):
        together.setdefault(channel.names[first], {})[event.names[second]] = count
    return dict(together)


def _pairs(first: Dimension, second: Dimension) -> tuple[list[int], list[int], list[int]]:
    """Returns the pairs of codes that occur, none of them -1, and how often each does."""
    if (len(first.names) + 1) * (len(second.names) + 1) > len(first.codes):  # a table would be mostly empty
        named = (first.codes >= 0) & (second.codes >= 0)
        both = first.codes[named] * np.int64(len(second.names)) + second.codes[named]
        pairs, counted = np.unique(both, return_counts=True)
        one, two = np.divmod(pairs, max(len(second.names), 1))
        return one.tolist(), two.tolist(), counted.tolist()
    table = np.zeros((len(first.names) + 1, len(second.names) + 1), dtype=np.int64)
    count_pairs(plain(first.codes, np.int32), plain(second.codes, np.int32), table)
    one, two = np.nonzero(table[1:, 1:])
    return one.tolist(), two.tolist(), table[1:, 1:][one, two].tolist()


def _sorted(counts: Counts) -> Counts:
    return dict(sorted(counts.items()))

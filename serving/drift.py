"""How far scores and features of now differ from those of the reference that is kept with the model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Ints
from features.snapshots import Snapshots
from models.predictor import Predictor
from models.reference import Reference
from models.stability import Distribution, stability_by_chance, stability_index
from serving.database import Row
from serving.store import Store

MUCH = 0.25
"""A population stability index above it is a large change (Siddiqi, 2006)."""
MOST = 20_000
"""Of more customers, so many are looked at: every second, every third and so on, in the order of ids."""
BLOCK = 1_000  # customers in memory at once


@dataclass(frozen=True)
class Drift:
    """The population stability index of one score or feature.

    Parameters
    ----------
    by_chance
        What chance alone exceeds once in a thousand times, on as many customers.
    rows
        How many customers there are now.
    """

    name: str
    index: float
    by_chance: float
    rows: int

    @property
    def is_large(self) -> bool:
        """Whether the change is large, and none that chance makes."""
        return self.index > max(MUCH, self.by_chance)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {**asdict(self), "is_large": self.is_large}


def drifts(reference: Mapping[str, Distribution], present: Mapping[str, Ints]) -> tuple[Drift, ...]:
    """Returns the drift of everything that is counted now and was then, the largest first.

    Parameters
    ----------
    present
        How many values lie in each bin of the reference, by name.
    """
    found = []
    for name, counts in present.items():
        before = np.array(reference[name].counts)
        given = stability_index(before, counts), stability_by_chance(before, counts)
        found.append(Drift(name, *given, int(counts.sum())))
    return tuple(sorted(found, key=lambda drift: (-drift.index, drift.name)))


def count_scores(reference: Reference, rows: Sequence[Row]) -> dict[str, Ints]:
    """Returns how many kept scores lie in each bin; one that was not asked for counts nowhere.

    Parameters
    ----------
    rows
        Flat columns of the score table, a row per customer.
    """
    return {
        name: before.count(np.array([row[name] for row in rows if row.get(name) is not None], dtype=np.float64))
        for name, before in reference.scores.items()
    }


def count_features(
    store: Store, predictor: Predictor, reference: Reference, ids: Sequence[str], as_of: int
) -> dict[str, Ints]:
    """Returns how many features of customers who had an event by a cutoff lie in each bin.

    Parameters
    ----------
    ids
        Customers who have events.
    as_of
        UTC microseconds.
    """
    columns = predictor.feature_set.columns
    total = {name: np.zeros(len(reference.features[name].counts), dtype=np.int64) for name in columns}
    for first in range(0, len(ids), BLOCK):
        log = store.log(ids[first : first + BLOCK])
        X = predictor.features(log, Snapshots.grid(log, np.array([as_of]))).astype(np.float64)
        for place, name in enumerate(columns):
            total[name] += reference.features[name].count(X[:, place])
    return total


def some_of(ids: Sequence[str]) -> list[str]:
    """Returns all ids if they are not too many, else every second, third and so on."""
    return list(ids[:: -(-len(ids) // MOST) or 1])

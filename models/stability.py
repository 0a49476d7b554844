"""Population stability: how far a score or a feature is distributed in another way than where the model was made.

The index is the sum over bins of ``(actual - expected) * ln(actual / expected)``: Siddiqi, "Credit Risk Scorecards",
Wiley, 2006, chapter 6; it is the divergence of Jeffreys between the two shares. By the rule of thumb there, below 0.10
nothing has changed and above 0.25 very much has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2

from features.arrays import Floats, Ints

FEW_VALUES = 10
SMALLEST_SHARE = 1e-4
"""Stands for an empty bin, whose logarithm there is not."""
SURE = 0.999


@dataclass(frozen=True)
class Distribution:
    """How many values lie in each bin, and how many are missing.

    Parameters
    ----------
    edges
        Ascending: a bin ends with its edge, and one more lies above the last.
    counts
        One more than bins: the last counts missing values.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, values: Floats) -> "Distribution":
        """Returns the distribution over tenths of these values, NaN for a missing one; of few values each is a bin."""
        known = values[~np.isnan(values)]
        distinct = np.unique(known)
        if len(distinct) > FEW_VALUES:
            distinct = np.unique(np.quantile(known, np.arange(1, 10) / 10, method="inverted_cdf"))
        edges = tuple(distinct.tolist())
        return cls(edges, tuple(count(edges, values).tolist()))

    def count(self, values: Floats) -> Ints:
        """Returns how many other values lie in each of its bins, shape (edges + 2,)."""
        return count(self.edges, values)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {"edges": list(self.edges), "counts": list(self.counts)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Distribution":
        """Returns the distribution of plain data."""
        return cls(tuple(data["edges"]), tuple(data["counts"]))


def count(edges: tuple[float, ...], values: Floats) -> Ints:
    """Returns how many values lie in each bin, above the last edge, and nowhere; shape (edges + 2,)."""
    missing = np.isnan(values)
    place = np.searchsorted(np.asarray(edges, dtype=np.float64), values[~missing], side="left")
    return np.append(np.bincount(place, minlength=len(edges) + 1), missing.sum()).astype(np.int64)


def stability_index(expected: Ints, actual: Ints) -> float:
    """Returns the population stability index of two counts over the same bins; 0 for equal shares.

    Examples
    --------
    Shares of 0.2, 0.3, 0.5 become 0.3, 0.3, 0.4: 0.1 * ln(1.5) - 0.1 * ln(0.8).

    >>> round(stability_index(np.array([20, 30, 50]), np.array([30, 30, 40])), 6)
    0.062861
    """
    before, now = (np.maximum(each / max(each.sum(), 1), SMALLEST_SHARE) for each in (expected, actual))
    return float(np.sum((now - before) * np.log(now / before)))


def stability_by_chance(expected: Ints, actual: Ints) -> float:
    """Returns the index that chance exceeds once in a thousand times where nothing has changed.

    Of two samples of n and m rows over B bins it is near ``(1 / n + 1 / m)`` times a chi-squared variable with
    ``B - 1`` degrees of freedom: Yurdakul and Naranjo, "Statistical properties of the population stability index",
    Journal of Risk Model Validation 14, 2020.
    """
    bins = int(np.sum((expected > 0) | (actual > 0)))
    rows = 1.0 / max(int(expected.sum()), 1) + 1.0 / max(int(actual.sum()), 1)
    return float(rows * chi2.ppf(SURE, max(bins - 1, 1)))

"""Features of any size on one scale, so that no single one decides who is alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints, Singles

CLIPPED = (0.01, 0.99)
"""The shares of customers beyond whose values nobody counts as more extreme."""

REPEATED = 0.95
"""The correlation from which a column only repeats an earlier one, and would count twice."""


@dataclass(frozen=True, eq=False)
class Scale:
    """What it takes to standardise rows of features: logarithm, clipping, mean and spread, each of shape (kept,).

    Parameters
    ----------
    kept
        The columns that say something of their own.
    fill
        What stands for a value that is missing.
    """

    kept: Ints
    fill: Floats
    low: Floats
    high: Floats
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, X: Singles, missing_is_longest: Bools) -> "Scale":
        """Returns the scale of customers.

        Parameters
        ----------
        X
            Shape (rows, columns).
        missing_is_longest
            The columns in which who has no value counts with the largest one, such as the time since a purchase; in
            the others with the median. Shape (columns,).
        """
        values = _logarithm(X)
        known = np.flatnonzero((~np.isnan(values)).any(axis=0))
        values = values[:, known]
        fill = np.where(missing_is_longest[known], np.nanmax(values, axis=0), np.nanmedian(values, axis=0))
        filled = np.where(np.isnan(values), fill, values)
        low, high = np.quantile(filled, CLIPPED, axis=0)
        clipped = np.clip(filled, low, high)
        mean, spread = clipped.mean(axis=0), clipped.std(axis=0)
        own = _own_columns(clipped)
        return cls(known[own], fill[own], low[own], high[own], mean[own], spread[own])

    def apply(self, X: Singles) -> Floats:
        """Returns the columns that are kept with mean 0 and spread 1, shape (rows, kept)."""
        values = _logarithm(X[:, self.kept])
        filled = np.where(np.isnan(values), self.fill, values)
        return np.asarray((np.clip(filled, self.low, self.high) - self.mean) / self.spread)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal scale."""
        return {name: getattr(self, name).tolist() for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Scale":
        """Returns the scale of plain data."""
        return cls(**{name: np.asarray(data[name]) for name in cls.__dataclass_fields__})


def _logarithm(X: Singles) -> Floats:
    wide = X.astype(np.float64)
    return np.asarray(np.sign(wide) * np.log1p(np.abs(wide)))


def _own_columns(values: Floats) -> Ints:
    """Returns the columns that vary and do not repeat an earlier one."""
    varying = np.flatnonzero(values.std(axis=0) > 1e-9)
    if len(varying) == 0:
        return varying
    alike = np.abs(np.atleast_2d(np.corrcoef(values[:, varying], rowvar=False))) >= REPEATED
    own: list[int] = []
    for column in range(len(varying)):
        if not alike[column, own].any():
            own.append(column)
    return varying[own]

"""Where a probability stands among those of all customers: percentile, decile and band, on top and never instead."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.arrays import Floats, Ints, Texts

BANDS = ("low", "medium", "high")
BAND_STARTS = (51, 81)
"""The first percentile of the second and the third band: the upper half is medium, its best fifth of all is high."""
_BANDS, _BAND_STARTS = np.array(BANDS, dtype=object), np.array(BAND_STARTS)


@dataclass(frozen=True)
class Ranking:
    """The 99 probabilities that divide the customers of a reference day into hundredths, ascending."""

    thresholds: tuple[float, ...]

    @classmethod
    def of(cls, probabilities: Floats) -> "Ranking":
        """Returns the ranking among these customers, shape (rows,); without any, everyone is in the middle."""
        if len(probabilities) == 0:
            return cls((0.0,) * 50 + (1.0,) * 49)
        return cls(tuple(np.quantile(probabilities, np.arange(1, 100) / 100).tolist()))

    def percentiles(self, probabilities: Floats) -> Ints:
        """Returns the percentile of each probability, 1 to 100; 100 is the most probable hundredth."""
        return np.searchsorted(self._thresholds, probabilities, side="right").astype(np.int64) + 1

    @cached_property
    def _thresholds(self) -> Floats:
        return np.array(self.thresholds)


def deciles(percentiles: Ints) -> Ints:
    """Returns the decile of each percentile, 1 to 10; 1 is the most probable tenth, as marketing tools count.

    Examples
    --------
    >>> deciles(np.array([1, 10, 11, 90, 91, 100]))
    array([10, 10,  9,  2,  1,  1])
    """
    return 10 - (percentiles - 1) // 10


def bands(percentiles: Ints) -> Texts:
    """Returns the band of each percentile.

    Examples
    --------
    >>> bands(np.array([50, 51, 80, 81]))
    array(['low', 'medium', 'medium', 'high'], dtype=object)
    """
    return _BANDS[np.searchsorted(_BAND_STARTS, percentiles, side="right")]

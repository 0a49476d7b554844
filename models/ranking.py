"""Where a probability stands among those of all customers: percentile, decile and band, on top and never instead."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.arrays import Floats, Ints, Texts

BANDS = ("low", "medium", "high")
BAND_STARTS = (51, 81)
"""The first percentile of the second and the third band: the upper half is medium, its best fifth of all is high."""


class Rank(NamedTuple):
    """Where one probability stands; None of what was not asked for."""

    percentile: int | None
    decile: int | None
    band: str | None


NO_RANK = Rank(None, None, None)


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
        return np.searchsorted(self.thresholds, probabilities, side="right").astype(np.int64) + 1

    def place(self, probability: float) -> int:
        """Returns where the rank of one probability stands in ``RANKS``."""
        return bisect_right(self.thresholds, probability)


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
    return np.array(BANDS, dtype=object)[np.searchsorted(BAND_STARTS, percentiles, side="right")]


def _ranks() -> tuple[Rank, ...]:
    percentiles = np.arange(1, 101)
    columns = (percentiles.tolist(), deciles(percentiles).tolist(), bands(percentiles).tolist())
    return tuple(Rank(*row) for row in zip(*columns, strict=True))


RANKS = (*_ranks(), NO_RANK)
"""The rank of each percentile, and at last that of what was not asked for."""
NOWHERE = 100
"""The place of the last."""
TOLD: tuple[dict[str, int | str | None] | None, ...] = (*(rank._asdict() for rank in RANKS[:NOWHERE]), None)
"""The ranks as plain data; made once, as every record has some of them."""

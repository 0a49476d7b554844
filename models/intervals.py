"""What two groups differ by, with the interval that holds the truth in 95 of 100 repetitions."""

from dataclasses import dataclass
from math import exp, inf, log, sqrt
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit

from features.arrays import Floats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A measured value and its interval."""

    value: float
    low: float
    high: float

    @property
    def is_above_zero(self) -> bool:
        """Says whether the whole interval is."""
        return self.low > 0

    @property
    def is_below_zero(self) -> bool:
        """Says whether the whole interval is."""
        return self.high < 0


@dataclass(frozen=True)
class Share:
    """How many of how many.

    Examples
    --------
    >>> Share(7, 34).interval()
    (0.103..., 0.367...)
    """

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share."""
        return self.count / self.of

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Returns the score interval (Wilson 1927, J. Am. Stat. Assoc. 22)."""
        z = normal_quantile(confidence)
        middle = self.value + z**2 / (2 * self.of)
        half = z * sqrt(self.value * (1 - self.value) / self.of + z**2 / (4 * self.of**2))
        scale = 1 + z**2 / self.of
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def share_difference(first: Share, second: Share, confidence: float = CONFIDENCE) -> Estimate:
    """Returns the first share less the second, with the interval made of both score intervals.

    Newcombe 1998, Statistics in Medicine 17, 873-890, method 10: it covers what it should also for few customers and
    rare outcomes, where the textbook's interval is too short (``benchmarks/campaigns.py`` compares them).

    Examples
    --------
    >>> share_difference(Share(56, 70), Share(48, 80))
    Estimate(value=0.2..., low=0.0524..., high=0.3338...)
    """
    difference = first.value - second.value
    (low, high), (second_low, second_high) = first.interval(confidence), second.interval(confidence)
    below = sqrt((first.value - low) ** 2 + (second_high - second.value) ** 2)
    above = sqrt((high - first.value) ** 2 + (second.value - second_low) ** 2)
    return Estimate(difference, difference - below, difference + above)


def relative_lift(first: Share, second: Share, confidence: float = CONFIDENCE) -> Estimate:
    """Returns by what part the first share is larger than the second; 0.1 is ten per cent more.

    The interval is that of the logarithm of the ratio, each count and size half a customer larger (Walter 1975,
    Biometrika 62, 371-374), so that an arm in which nothing happened has one too.
    """
    z = normal_quantile(confidence)
    counts = (first.count + 0.5, second.count + 0.5)
    sizes = (first.of + 0.5, second.of + 0.5)
    middle = log(counts[0] / sizes[0]) - log(counts[1] / sizes[1])
    half = z * sqrt(sum(1 / count - 1 / size for count, size in zip(counts, sizes, strict=True)))
    value = first.value / second.value - 1 if second.count else inf
    return Estimate(value, exp(middle - half) - 1, exp(middle + half) - 1)


def mean_difference(first: Floats, second: Floats, confidence: float = CONFIDENCE) -> Estimate:
    """Returns the first mean less the second, with an interval that lets the two scatter differently.

    Welch 1947, Biometrika 34, 28-35. Each has at least two values.
    """
    parts = [values.var(ddof=1) / len(values) for values in (first, second)]
    error = sqrt(sum(parts))
    difference = float(first.mean() - second.mean())
    if error == 0:
        return Estimate(difference, difference, difference)
    freedom = error**4 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (first, second), strict=True))
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    return Estimate(difference, difference - half, difference + half)


def normal_quantile(confidence: float) -> float:
    """Returns how many standard errors an interval reaches to either side.

    Examples
    --------
    >>> round(normal_quantile(0.95), 2)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def shared_confidence(groups: int, confidence: float = CONFIDENCE) -> float:
    """Returns how sure each of several intervals has to be for all of them to hold together (Bonferroni).

    Examples
    --------
    >>> shared_confidence(10)
    0.995
    """
    return float(np.round(1 - (1 - confidence) / max(groups, 1), 12))

"""How sure a metric is: intervals from drawing customers again, with replacement.

Customers are drawn and not rows, since the rows of one customer at several cutoffs are not independent. Efron and
Tibshirani, "An Introduction to the Bootstrap", 1993, sections 8 and 13.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Floats, Ints
from models.metrics import LOWER_IS_BETTER
from models.weighted import Weighted, weighted


@dataclass(frozen=True)
class Resampling:
    """How often customers are drawn again, from which seed, and how much of the outcomes an interval holds."""

    replicates: int = 1000
    seed: int = 7
    level: float = 0.95

    def weights(self, n_customers: int) -> Iterator[Ints]:
        """Yields how many times each customer was drawn, shape (customers,), once per replicate."""
        rng = np.random.default_rng(self.seed)
        for _ in range(self.replicates):
            yield np.bincount(rng.integers(0, n_customers, n_customers), minlength=n_customers)

    def values(self, metrics: Sequence[Weighted], n_customers: int) -> Floats:
        """Returns the metrics in every replicate, shape (replicates, metrics)."""
        return np.array([[metric.at(weights) for metric in metrics] for weights in self.weights(n_customers)])

    def bounds(self, values: Floats) -> tuple[float, float]:
        """Returns the interval's ends, percentiles of the values; NaN if there are none.

        A replicate in which a metric has no value, as AUC without a single yes, is left out.
        """
        known = values[~np.isnan(values)]
        if not len(known):
            return float("nan"), float("nan")
        low, high = np.quantile(known, [(1 - self.level) / 2, (1 + self.level) / 2])
        return float(low), float(high)


USUAL = Resampling()


@dataclass(frozen=True)
class Interval:
    """A metric on all rows, and the interval around it."""

    metric: str
    value: float
    low: float
    high: float
    level: float

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Difference:
    """A metric of one model minus that of another on the same rows.

    Parameters
    ----------
    value, against
        The metric of the one and of the other.
    low, high
        The interval of ``value - against``.
    chance_better
        The share of replicates in which the one was better; equal counts half.
    """

    metric: str
    value: float
    against: float
    low: float
    high: float
    level: float
    chance_better: float

    @property
    def difference(self) -> float:
        """The one's figure minus the other's."""
        return self.value - self.against

    @property
    def is_ahead(self) -> bool:
        """Whether the one's figure is the better one, however little."""
        return self.difference < 0 if self.metric in LOWER_IS_BETTER else self.difference > 0

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies on the better side of zero."""
        return self.high < 0 if self.metric in LOWER_IS_BETTER else self.low > 0

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval lies on the worse side of zero."""
        return self.low > 0 if self.metric in LOWER_IS_BETTER else self.high < 0

    def describe(self, whose: str = "") -> str:
        """Returns it as words, after the other's figure whose that is.

        Examples
        --------
        >>> Difference("log_loss", 0.30, 0.35, -0.08, -0.02, 0.95, 0.99).describe()
        'log_loss 0.3000 against 0.3500 (difference -0.0500, 95 % interval -0.0800 to -0.0200)'
        """
        return (
            f"{self.metric} {self.value:.4f} against {self.against:.4f}{whose} (difference {self.difference:+.4f}, "
            f"{100 * self.level:g} % interval {self.low:+.4f} to {self.high:+.4f})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {**asdict(self), "difference": self.difference}


def bootstrap(
    probabilities: Floats, y: Ints, customers: Ints, metrics: Sequence[str], resampling: Resampling = USUAL
) -> dict[str, Interval]:
    """Returns an interval for each metric.

    The interval of ``ece`` lies too high: drawing again adds noise to every bin, and a distance has no sign to let it
    cancel. ``models.chance.expected_by_chance`` is the better measure of how much of it is noise.

    Parameters
    ----------
    probabilities
        Shape (rows, classes).
    y
        Class codes, shape (rows,).
    customers
        Any integer per customer, shape (rows,).
    metrics
        Names of ``models.metrics.evaluate``.
    """
    found, customer = np.unique(customers, return_inverse=True)
    prepared = [weighted(metric, probabilities, y, customer) for metric in metrics]
    drawn = resampling.values(prepared, len(found))
    whole = _on_all_rows(prepared, len(found))
    return {
        metric: Interval(metric, whole[place], *resampling.bounds(drawn[:, place]), resampling.level)
        for place, metric in enumerate(metrics)
    }


def paired_bootstrap(
    pair: tuple[Floats, Floats], y: Ints, customers: Ints, metrics: Sequence[str], resampling: Resampling = USUAL
) -> dict[str, Difference]:
    """Returns, for each metric, by how much the first of two models differs from the second on the same rows.

    Both are measured on the same draws of customers, so what they have in common cancels.

    Parameters
    ----------
    pair
        Probabilities of the one and of the other, both of shape (rows, classes).
    y, customers, metrics
        As in ``bootstrap``.
    """
    found, customer = np.unique(customers, return_inverse=True)
    prepared = [weighted(metric, probabilities, y, customer) for metric in metrics for probabilities in pair]
    drawn = resampling.values(prepared, len(found))
    whole = _on_all_rows(prepared, len(found))
    differences = {}
    for place, metric in enumerate(metrics):
        value, against = whole[2 * place], whole[2 * place + 1]
        gaps = drawn[:, 2 * place] - drawn[:, 2 * place + 1]
        low, high = resampling.bounds(gaps)
        chance = _chance_better(metric, gaps)
        differences[metric] = Difference(metric, value, against, low, high, resampling.level, chance)
    return differences


def _on_all_rows(prepared: Sequence[Weighted], n_customers: int) -> list[float]:
    once = np.ones(n_customers, dtype=np.int64)
    return [metric.at(once) for metric in prepared]


def _chance_better(metric: str, gaps: Floats) -> float:
    known = gaps[~np.isnan(gaps)]
    better = known < 0 if metric in LOWER_IS_BETTER else known > 0
    return float(np.mean(better + 0.5 * (known == 0))) if len(known) else float("nan")

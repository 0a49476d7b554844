"""How much a customer will spend in each horizon: a probability to buy times the amount of who buys.

The two parts of Duan, Manning, Morris and Newhouse, "A Comparison of Alternative Models for the Demand for Medical
Care", Journal of Business and Economic Statistics 1(2), 1983: whether anything is spent, which the hazards of a
purchase tell, and the logarithm of how much. The way back from the logarithm is the mean of what the errors make of it,
Duan's smearing estimate ("Smearing Estimate: A Nonparametric Retransformation Method", Journal of the American
Statistical Association 78, 1983); the quantiles of the same give the interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints, Singles, plain
from features.durations import parse_duration
from features.targets import Firsts
from models.adding import spend
from models.forest import Forest
from models.regressor import BoostedRegressor
from models.trees import Trees

PLACE = "horizon_ahead"
"""The column behind the features that says which horizon a row asks about: its place among them."""

LOW, HIGH = 0.05, 0.95
"""The quantiles of the total between which the interval lies."""

SPEND = "spend"
"""What columns and documents call what is spent."""

FIGURES = ("expected", "low", "high")

LEVELS = 201
"""How many quantiles of the errors are kept, evenly spaced from the least to the greatest."""


@dataclass(frozen=True, eq=False)
class Spent:
    """One row for each snapshot and horizon in which a purchase came; every field of shape (rows,).

    Parameters
    ----------
    snapshot
        Which snapshot.
    place
        Which horizon.
    amount
        What was spent in it, zero or more, in the unit of the log's values.
    """

    snapshot: Ints
    place: Ints
    amount: Floats

    @classmethod
    def of(cls, firsts: Firsts, amounts: Floats, horizons: tuple[str, ...], chosen: Bools) -> "Spent":
        """Returns the rows with a purchase among those chosen, horizon by horizon.

        Parameters
        ----------
        firsts
            The first purchase after each snapshot.
        amounts, chosen
            What was spent, and which rows are looked at, shape (snapshots, horizons).
        """
        widths = np.array([parse_duration(horizon) for horizon in horizons])
        bought = chosen & (firsts.wait[:, None] <= widths)
        place, snapshot = np.nonzero(bought.T)
        return cls(snapshot, place, amounts[snapshot, place])

    def __len__(self) -> int:
        return len(self.amount)

    @property
    def logarithm(self) -> Floats:
        """The logarithm of one more than the amount: what the regression predicts."""
        return np.asarray(np.log1p(self.amount))

    def matrix(self, X: Singles) -> Singles:
        """Returns the features of each row's snapshot and last its horizon, shape (rows, columns + 1)."""
        matrix = np.empty((len(self), X.shape[1] + 1), dtype=np.float32)
        np.take(X, self.snapshot, axis=0, out=matrix[:, :-1])
        matrix[:, -1] = self.place
        return matrix


@dataclass(frozen=True)
class Scatter:
    """How amounts scatter about ``exp(predicted logarithm)``: the distribution of ``exp(error)``.

    Parameters
    ----------
    smearing
        Its mean.
    quantiles
        Evenly spaced, the least and the greatest included.
    """

    smearing: float
    quantiles: tuple[float, ...]

    @classmethod
    def of(cls, errors: Floats) -> "Scatter":
        """Returns the scatter of errors of the logarithm, actual less predicted, shape (rows,)."""
        ratios = np.exp(errors)
        return cls(float(ratios.mean()), tuple(np.quantile(ratios, np.linspace(0.0, 1.0, LEVELS)).tolist()))


@dataclass(frozen=True, eq=False)
class SpendScores:
    """What customers are expected to spend; the three figures of shape (rows, horizons).

    Parameters
    ----------
    expected
        The mean.
    low, high
        The interval: 5 % of totals are expected below and 5 % above it. Who buys with less than 95 % probability may
        well spend nothing, so that low is zero; who buys with less than 5 % has a high of zero, below the mean.
    """

    horizons: tuple[str, ...]
    expected: Floats
    low: Floats
    high: Floats

    def columns(self, horizon: str) -> dict[str, list[Any]]:
        """Returns the three figures at one horizon."""
        place = self.horizons.index(horizon)
        return {
            "clv_expected": self.expected[:, place].tolist(),
            "clv_low": self.low[:, place].tolist(),
            "clv_high": self.high[:, place].tolist(),
        }

    def detail_columns(self) -> dict[str, list[Any]]:
        """Returns the mean at every horizon."""
        return {f"{SPEND}_{every}": self.expected[:, place].tolist() for place, every in enumerate(self.horizons)}

    @classmethod
    def concatenate(cls, parts: Sequence["SpendScores"]) -> "SpendScores | None":
        """Returns the scores of parts by one predictor below each other; None without any."""
        if not parts:
            return None
        whole = [np.concatenate(arrays) for arrays in zip(*((p.expected, p.low, p.high) for p in parts), strict=True)]
        return cls(parts[0].horizons, *whole)

    def nested(self) -> list[dict[str, dict[str, float]]]:
        """Returns for each row the three figures by horizon."""
        rows = np.stack([self.expected, self.low, self.high], axis=2).tolist()
        named = [[dict(zip(FIGURES, own, strict=True)) for own in row] for row in rows]
        return [dict(zip(self.horizons, row, strict=True)) for row in named]


@dataclass(frozen=True, eq=False)
class SpendModel:
    """The regression of the logarithm of the amount of who buys, and its scatter at each horizon."""

    horizons: tuple[str, ...]
    regressor: BoostedRegressor
    scatters: tuple[Scatter, ...]

    @cached_property
    def forest(self) -> Forest:
        """The regression's trees, in the form in which every horizon is asked at once."""
        return Forest.of(Trees.from_text(self.regressor.to_text()))

    def forecast(self, X: Singles, p: Floats) -> SpendScores:
        """Returns what is spent in each horizon, row by row the same in any batch.

        What is spent in a longer horizon contains what is spent in a shorter one, so neither its mean nor its quantiles
        are lower: each figure is the greatest of its horizon and of the shorter ones.

        Parameters
        ----------
        X
            Features, shape (rows, columns).
        p
            The probability of a purchase, shape (rows, horizons).
        """
        logarithms = self.forest.raw_scores(X, len(self.horizons))[:, :, 0]
        return SpendScores(self.horizons, *spend_figures(self._scatter, logarithms, p))

    @cached_property
    def _scatter(self) -> tuple[Floats, Floats]:
        return scatter_arrays(self.scatters)

    def to_dict(self) -> dict[str, Any]:
        """Returns everything but the regression as plain data."""
        scatters = [{"smearing": one.smearing, "quantiles": list(one.quantiles)} for one in self.scatters]
        return {"horizons": list(self.horizons), "scatters": scatters}

    @classmethod
    def from_dict(cls, data: dict[str, Any], text: str) -> "SpendModel":
        """Returns the model of plain data and the text of its regression; nothing in either is executed."""
        scatters = tuple(Scatter(float(one["smearing"]), tuple(one["quantiles"])) for one in data["scatters"])
        return cls(tuple(data["horizons"]), BoostedRegressor.from_text(text), scatters)


def scatter_arrays(scatters: Sequence[Scatter]) -> tuple[Floats, Floats]:
    """Returns the smearing and the quantiles of each horizon, shapes (horizons,) and (horizons, LEVELS)."""
    return np.array([each.smearing for each in scatters]), np.array([each.quantiles for each in scatters])


def spend_figures(
    scatter: tuple[Floats, Floats], logarithms: Floats, p: Floats, levels: tuple[float, ...] = (LOW, HIGH)
) -> Floats:
    """Returns the mean and the quantiles of what is spent, shape (1 + levels, rows, horizons).

    With the amount A of who buys, ``P(total <= t) = 1 - p + p * P(A <= t)`` for t >= 0, so a quantile is zero where
    ``1 - p >= level``, and elsewhere that of A at ``1 - (1 - level) / p``. No amount is below zero.
    """
    figures = np.empty((1 + len(levels), *logarithms.shape))
    spend(np.exp(np.ascontiguousarray(logarithms)), plain(p, np.float64), scatter, np.array(levels), figures)
    return figures


def log_amounts(regressor: BoostedRegressor, X: Singles, place: int) -> Floats:
    """Returns the predicted logarithm of one more than the amount of who buys in a horizon, shape (rows,)."""
    return regressor.predict(np.column_stack([X, np.full(len(X), place, dtype=np.float32)]))

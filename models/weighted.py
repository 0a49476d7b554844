"""Metrics prepared once and then computed for any weights of the customers, as the bootstrap asks a thousand times.

A weight of two counts all rows of a customer twice: every value equals that of ``models.metrics`` on rows repeated
so, rows with equal scores included. Sums are numpy's own and not BLAS's, whose threads would cost more than they save
on short arrays and add in an order of their own.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from features.arrays import Floats, Ints
from models.metrics import confidence, confirmed, hits, log_losses, squared_errors

BINS = 10
TOP = 0.10

ROWWISE = {"log_loss": log_losses, "brier": squared_errors, "accuracy": hits}
"""The metrics that are means over rows."""


class Weighted(Protocol):
    """A metric of fixed predictions and answers."""

    def at(self, weights: Ints) -> float:
        """Returns its value when each customer counts so many times, shape (customers,); NaN where it has none."""


@dataclass(frozen=True, eq=False)
class Mean:
    """A mean over rows, kept as sums by customer."""

    sums: Floats
    rows: Ints

    @classmethod
    def of(cls, values: Floats, customer: Ints) -> "Mean":
        """Returns the mean of a value per row."""
        sums = np.asarray(np.bincount(customer, weights=values), dtype=np.float64)
        return cls(sums, np.bincount(customer))

    def at(self, weights: Ints) -> float:
        """Returns the weighted mean."""
        return float(np.sum(weights * self.sums) / np.sum(weights * self.rows))


@dataclass(frozen=True, eq=False)
class Auc:
    """The share of pairs of a yes and a no in which the yes has the higher score; equal scores are half a pair.

    The customers of the rows in order of score, and for each yes how many noes lie below and at most as high.
    """

    yes: Ints
    no: Ints
    below: Ints
    up_to: Ints

    @classmethod
    def of(cls, score: Floats, y: Ints, customer: Ints) -> "Auc":
        """Returns the area under the curve of a score per row."""
        yes, no = (rows[np.argsort(score[rows])] for rows in (np.flatnonzero(y == 1), np.flatnonzero(y != 1)))
        below, up_to = (np.searchsorted(score[no], score[yes], side) for side in ("left", "right"))
        return cls(customer[yes], customer[no], below, up_to)

    def at(self, weights: Ints) -> float:
        """Returns the weighted area; all sums are of integers."""
        noes, yeses = _running(weights[self.no]), weights[self.yes]
        pairs = int(noes[-1]) * int(yeses.sum())
        return float(yeses @ (noes[self.below] + noes[self.up_to]) / (2.0 * pairs)) if pairs else float("nan")


@dataclass(frozen=True, eq=False)
class AveragePrecision:
    """The mean, over the rows with a yes, of the share of yeses among all rows scored at least as high.

    The customers of the rows and of those with a yes, highest score first, and for each yes how many of either are
    scored at least as high.
    """

    rows: Ints
    yes: Ints
    among_rows: Ints
    among_yes: Ints

    @classmethod
    def of(cls, score: Floats, y: Ints, customer: Ints) -> "AveragePrecision":
        """Returns the average precision of a score per row."""
        rows = np.argsort(-score)
        yes = rows[y[rows] == 1]
        among_rows, among_yes = (np.searchsorted(-score[part], -score[yes], "right") for part in (rows, yes))
        return cls(customer[rows], customer[yes], among_rows, among_yes)

    def at(self, weights: Ints) -> float:
        """Returns the weighted average precision."""
        rows, yeses = _running(weights[self.rows]), weights[self.yes]
        found = _running(yeses)
        if not found[-1]:
            return float("nan")
        precision = found[self.among_yes] / np.maximum(rows[self.among_rows], 1)
        return float(np.sum(yeses * precision) / found[-1])


@dataclass(frozen=True, eq=False)
class CalibrationError:
    """The expected calibration error over bins of equal mass: customers and gaps of the rows, lowest first."""

    customer: Ints
    gap: Floats

    @classmethod
    def of(cls, probabilities: Floats, y: Ints, customer: Ints) -> "CalibrationError":
        """Returns the calibration error of probabilities, shape (rows, classes)."""
        predicted = confidence(probabilities)
        order = np.argsort(predicted, kind="stable")
        return cls(customer[order], (predicted - confirmed(probabilities, y))[order])

    def at(self, weights: Ints) -> float:
        """Returns the weighted error; the bins are made anew of the weighted rows."""
        counts = weights[self.customer]
        rows = int(counts.sum())
        ends = np.cumsum(rows // BINS + (np.arange(BINS) < rows % BINS))
        bins = np.diff(_sum_of_first(counts, self.gap, ends), prepend=0.0)
        return float(np.abs(bins).sum() / rows)


@dataclass(frozen=True, eq=False)
class Lift:
    """How many times more often yes occurs among the highest-scored share than among all rows, highest first."""

    customer: Ints
    yes: Floats

    @classmethod
    def of(cls, score: Floats, y: Ints, customer: Ints) -> "Lift":
        """Returns the lift of a score per row."""
        order = np.argsort(-score, kind="stable")
        return cls(customer[order], (y[order] == 1).astype(np.float64))

    def at(self, weights: Ints) -> float:
        """Returns the weighted lift; NaN without a single yes."""
        counts = weights[self.customer]
        rows, yeses = int(counts.sum()), float(np.sum(counts * self.yes))
        top = max(1, round(TOP * rows))
        found = _sum_of_first(counts, self.yes, np.array([top]))[0]
        return float(found / top / (yeses / rows)) if yeses else float("nan")


def weighted(metric: str, probabilities: Floats, y: Ints, customer: Ints) -> Weighted:
    """Returns a metric of ``models.metrics.evaluate``, prepared.

    Parameters
    ----------
    metric
        ``log_loss``, ``brier``, ``accuracy`` or ``ece``; with two classes also ``auc``, ``average_precision`` and
        ``lift_10``.
    probabilities
        Shape (rows, classes).
    y
        Class codes, shape (rows,).
    customer
        Codes from 0 up without a gap, shape (rows,).
    """
    if metric in ROWWISE:
        return Mean.of(ROWWISE[metric](probabilities, y), customer)
    if metric == "ece":
        return CalibrationError.of(probabilities, y, customer)
    ranking: dict[str, type[Auc] | type[AveragePrecision] | type[Lift]]
    ranking = {"auc": Auc, "average_precision": AveragePrecision, "lift_10": Lift}
    return ranking[metric].of(probabilities[:, 1], y, customer)


def _running(weights: Ints) -> Ints:
    """Returns the sum of the first 0, 1, ... weights."""
    sums = np.zeros(len(weights) + 1, dtype=np.int64)
    np.cumsum(weights, out=sums[1:])
    return sums


def _sum_of_first(counts: Ints, values: Floats, ends: Ints) -> Floats:
    """Returns the sum of the first so many values when each is repeated ``counts`` times."""
    reached = np.cumsum(counts)
    last = np.searchsorted(reached, ends)  # the value in whose repetitions an end lies
    sums: Floats = np.cumsum(counts * values)[last] - (reached[last] - ends) * values[last]
    return sums

"""Measures by how much a period shifted the odds of everybody at once: the error that many customers share."""

from collections.abc import Sequence

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.durations import parse_duration
from features.targets import NO_YES
from models.period_shift import USUAL_SHIFT
from training.recipe import MODEL
from training.result import Result

ASSUMED_PERIODS = 1.0
"""As how many periods with ``USUAL_SHIFT`` the assumption counts: one period alone, near its promise, proves little."""


def measured_shifts(results: Sequence[Result]) -> dict[str, float]:
    """Returns the shift of each target of yes or no and each horizon, on a period that nothing was learnt of."""
    return {
        result.name: period_shift(
            result.probabilities[MODEL][:, 1], result.y, result.cutoff, result.stage, span(result)
        )
        for result in results
        if result.classes == NO_YES
    }


def period_shift(probabilities: Floats, y: Ints, cutoff: Ints, stage: Ints, periods: float) -> float:
    r"""Returns the standard deviation of the shift of the log-odds, by the method of moments.

    Of a group with variance :math:`V = \sum p (1 - p)` a shift :math:`b` moves the sum by :math:`b V`, to first order,
    so that its squared error is :math:`V + b^2 V^2` on average. Groups are the customers of a stage at a cutoff, and
    all of a cutoff; the assumed period is averaged in.

    Parameters
    ----------
    probabilities, y
        Promised and come true, shape (rows,).
    cutoff, stage
        Of each row, shape (rows,).
    periods
        How many independent periods the cutoffs make up.

    Examples
    --------
    >>> rows = np.zeros(1000, dtype=np.int64)
    >>> round(period_shift(np.full(1000, 0.5), (np.arange(1000) < 500).astype(np.int64), rows, rows, 1.0), 3)
    0.177
    """
    errors = np.array([_errors(probabilities[rows], y[rows]) for rows in _groups(cutoff, stage)])
    squared, variance = errors[:, 0], errors[:, 1]
    found = max(0.0, float((squared - variance).sum()) / float((variance**2).sum()))
    return float(np.sqrt((periods * found + ASSUMED_PERIODS * USUAL_SHIFT**2) / (periods + ASSUMED_PERIODS)))


def span(result: Result) -> float:
    """Returns how many independent periods the cutoffs of a result make up: those whose horizons overlap count less."""
    return 1.0 + float(result.cutoff.max() - result.cutoff.min()) / parse_duration(result.horizon)


def _groups(cutoff: Ints, stage: Ints) -> list[Bools]:
    by_cutoff = [cutoff == moment for moment in np.unique(cutoff)]
    return [*by_cutoff, *(rows & (stage == code) for rows in by_cutoff for code in np.unique(stage[rows]))]


def _errors(probabilities: Floats, y: Ints) -> tuple[float, float]:
    """Returns the squared error of a group's sum, and the variance that it would have without a shift."""
    return float(y.sum() - probabilities.sum()) ** 2, float((probabilities * (1.0 - probabilities)).sum())

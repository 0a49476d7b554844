"""How well one column alone tells an answer: learned on half of the customers, measured on the other half."""

import numpy as np

from features.arrays import Bools, Floats, Ints, Singles

MOST_VALUES = 50
PARTS = 20
SMOOTHING = 10.0
"""Rows with the usual answer that each bin is given beforehand, so that a few do not make a rule."""


def binned(column: Singles) -> tuple[Ints, int]:
    """Returns a bin for each row of a column, and their number; NaN has its own, the last one.

    Up to 50 different values are bins; of more, twenty parts of equal mass. So a column need not rise with the answer
    to tell it, and neither must it be there.
    """
    finite = column[np.isfinite(column)]
    edges = np.unique(finite)
    if len(edges) > MOST_VALUES:
        edges = np.unique(np.quantile(finite, np.linspace(0, 1, PARTS + 1)[1:-1]))
    codes = np.searchsorted(edges, column, side="left")
    return np.where(np.isnan(column), len(edges) + 1, codes), len(edges) + 2


def solo_auc(bins: Ints, number: int, yes: Bools, second: Bools) -> float:
    """Returns the AUC of the share of yes that each row's bin has among the other half of the rows.

    Parameters
    ----------
    bins
        Of a column, below ``number``, shape (rows,).
    yes, second
        The answer of each row, and whether it is in the second half, shape (rows,).
    """
    place = bins + number * second
    positive = np.bincount(place[yes], minlength=2 * number)
    negative = np.bincount(place[~yes], minlength=2 * number)
    learned = np.roll(positive, number), np.roll(negative, number)  # what the first half says of the second, and back
    rates = (learned[0] + SMOOTHING * yes.mean()) / (learned[0] + learned[1] + SMOOTHING)
    return ranked_auc(rates, positive, negative)


def ranked_auc(scores: Floats, positive: Ints, negative: Ints) -> float:
    """Returns the chance that a yes has a higher score than a no, a tie counting half.

    Parameters
    ----------
    scores, positive, negative
        Of each bin the score and the rows with either answer, shape (bins,).

    Examples
    --------
    >>> ranked_auc(np.array([0.1, 0.9]), np.array([0, 3]), np.array([5, 0]))
    1.0
    """
    _, place = np.unique(scores, return_inverse=True)
    yes, no = np.bincount(place, weights=positive), np.bincount(place, weights=negative)
    below = np.cumsum(no) - no
    return float(np.sum(yes * (below + no / 2)) / (yes.sum() * no.sum()))

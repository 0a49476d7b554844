"""How many of an audience do what is predicted: what is expected, and between which bounds it will lie."""

import math
from typing import NamedTuple

import numpy as np

from features.arrays import Floats
from models.period_shift import USUAL_SHIFT

NORMAL_90 = 1.6448536269514722
"""Beyond which, on both sides together, a tenth of a normal distribution lies."""


class Captured(NamedTuple):
    """A number of customers, and the bounds between which it lies in nine of ten audiences."""

    expected: float
    low: int
    high: int


def captured(probabilities: Floats, shift: float = USUAL_SHIFT) -> Captured:
    r"""Returns how many of some customers are expected to do what is predicted, with a 90 % interval.

    Customers decide for themselves, so that the number is Poisson-binomial with variance :math:`V = \sum p (1 - p)`
    (Wang 1993, section 2). A period shifts everybody at once: with log-odds that are wrong by a common normal amount of
    standard deviation ``shift`` the mean moves by ``shift`` times :math:`V`, to first order, and the variance is
    :math:`V + (shift V)^2`. Bounds are those of a normal distribution, half a customer wider for whole numbers.

    Parameters
    ----------
    probabilities
        Calibrated, without missing ones, shape (customers,).

    Examples
    --------
    >>> captured(np.full(400, 0.25), shift=0.0)
    Captured(expected=100.0, low=86, high=114)
    >>> captured(np.full(400, 0.25), shift=0.2)
    Captured(expected=100.0, low=72, high=128)
    """
    expected, own = float(np.sum(probabilities)), float(np.sum(probabilities * (1.0 - probabilities)))
    reach = NORMAL_90 * math.sqrt(own + (shift * own) ** 2) + 0.5
    low, high = math.ceil(expected - reach), math.floor(expected + reach)
    return Captured(expected, max(0, low), min(len(probabilities), high))

"""BG/NBD and gamma-gamma: how often and for how much customers buy who may leave at any purchase without a word.

Fader, Hardie and Lee, "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD Model", Marketing
Science 24(2), 2005, and Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013; equations by their numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln, hyp2f1

from features.arrays import Floats
from features.errors import TrainingError
from models.repeats import RepeatPurchases

WIDEST = 12.0
"""Bound on the logarithms of parameters, in units of the longest age or the mean value."""

SINGULAR = 1e-6
"""How near a formula is not evaluated to where it is 0 / 0; what it says changes by less than this."""

ALIKE = 100.0
"""The shape a beyond which customers hardly differ in their probability to leave."""


@dataclass(frozen=True)
class BgNbd:
    """Purchases come at a customer's own constant rate, and after each the customer leaves with an own probability.

    Parameters
    ----------
    r, alpha
        Shape of the gamma distribution of rates, and its rate in the unit of time.
    a, b
        The beta distribution of probabilities to leave.
    """

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fit(cls, purchases: RepeatPurchases) -> "BgNbd":
        """Returns the model of greatest likelihood.

        Raises
        ------
        TrainingError
            If nobody has bought a second time.
        """
        if not (purchases.frequency > 0).any():
            raise TrainingError("BG/NBD learns from repeat purchases, and nobody bought twice; give a longer log")
        unit = float(purchases.age.max()) or 1.0
        scaled = purchases.per(unit)
        r, alpha, a, b = _maximise(lambda parameters: cls(*parameters).log_likelihood(scaled), 4, len(scaled))
        return cls(r, alpha * unit, a, b)

    def log_likelihood(self, purchases: RepeatPurchases) -> float:
        """Returns the logarithm of equation (6), summed over the customers."""
        x, r, a, b = purchases.frequency, self.r, self.a, self.b
        rate = gammaln(r + x) - gammaln(r) + r * np.log(self.alpha)
        stayed = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        here = -(r + x) * np.log(self.alpha + purchases.age)
        return float(np.sum(rate + stayed + here + np.logaddexp(0.0, self._log_odds_of_having_left(purchases))))

    def alive(self, purchases: RepeatPurchases) -> Floats:
        """Returns the probability that each customer has not left; 1 after a first purchase alone."""
        return np.asarray(expit(-self._log_odds_of_having_left(purchases)))

    def purchase_probability(self, purchases: RepeatPurchases, horizon: float) -> Floats:
        """Returns the probability of at least one purchase in the horizon.

        Who is still there has a rate from a gamma distribution with r + x and alpha + T, and cannot leave before the
        next purchase: ``P(alive) * (1 - ((alpha + T) / (alpha + T + horizon)) ** (r + x))``.
        """
        none = (self.r + purchases.frequency) * np.log1p(-self._part(purchases, horizon))
        return self.alive(purchases) * -np.expm1(none)

    def expected_purchases(self, purchases: RepeatPurchases, horizon: float) -> Floats:
        """Returns the expected number of purchases in the horizon, equation (10).

        Euler's transformation turns ``(1 - z) ** (r + x) * 2F1(r + x, b + x; a + b + x - 1; z)`` into
        ``(1 - z) ** (a - 1) * 2F1(a + b - 1 - r, a - 1; a + b + x - 1; z)``, which does not overflow for large x, but
        does for large a. Then all leave with nearly the same probability p = a / (a + b + x) at each purchase, and for
        one p the expectation, its mean over the gamma distribution of rates, is
        ``(1 - (1 + p * horizon / (alpha + T)) ** -(r + x)) / p``.
        """
        if self.a > ALIKE:
            return self._expected_if_alike(purchases, horizon)
        x, z = purchases.frequency, self._part(purchases, horizon)
        at_pole = min(abs(self.a - 1.0), abs(self.a + self.b - 1.0)) < SINGULAR
        a = self.a + SINGULAR if at_pole else self.a
        series = hyp2f1(a + self.b - 1.0 - self.r, a - 1.0, a + self.b + x - 1.0, z)
        expected = (a + self.b + x - 1.0) / (a - 1.0) * (1.0 - (1.0 - z) ** (a - 1.0) * series)
        return np.asarray(expected * self.alive(purchases))

    def _expected_if_alike(self, purchases: RepeatPurchases, horizon: float) -> Floats:
        x = purchases.frequency
        p = self.a / (self.a + self.b + x)
        none = -(self.r + x) * np.log1p(p * horizon / (self.alpha + purchases.age))
        return np.asarray(-np.expm1(none) / p * self.alive(purchases))

    def _part(self, purchases: RepeatPurchases, horizon: float) -> Floats:
        return horizon / (self.alpha + purchases.age + horizon)

    def _log_odds_of_having_left(self, purchases: RepeatPurchases) -> Floats:
        """Returns the log of ``a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)``, for x = 0 that of 0."""
        x = purchases.frequency
        since = np.log((self.alpha + purchases.age) / (self.alpha + purchases.recency))
        odds = np.log(self.a) - np.log(np.where(x > 0, self.b + x - 1.0, 1.0)) + (self.r + x) * since
        return np.where(x > 0, odds, -np.inf)


@dataclass(frozen=True)
class GammaGamma:
    """The values of a customer's purchases scatter about an own mean, whatever their number.

    Parameters
    ----------
    p, q, gamma
        Shapes of the two gamma distributions, and the scale of the second in the unit of value.
    """

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, count: Floats, mean: Floats) -> "GammaGamma":
        """Returns the model of greatest likelihood.

        Parameters
        ----------
        count, mean
            How many purchases each customer's mean value is of, and that mean, of shape (customers,). Those without
            a purchase or a positive value say nothing.

        Raises
        ------
        TrainingError
            If nothing is left.
        """
        known = (count > 0) & (mean > 0)
        if not known.any():
            raise TrainingError("gamma-gamma learns from the values of purchases, and there are none; give a 'value'")
        unit = float(mean[known].mean())
        x, z = count[known], mean[known] / unit
        p, q, gamma = _maximise(lambda parameters: cls(*parameters).log_likelihood(x, z), 3, len(x))
        return cls(p, q, gamma * unit)

    def log_likelihood(self, count: Floats, mean: Floats) -> float:
        """Returns the logarithm of equation (1a), summed over customers with a purchase."""
        px = self.p * count
        gammas = gammaln(px + self.q) - gammaln(px) - gammaln(self.q)
        powers = self.q * np.log(self.gamma) + (px - 1.0) * np.log(mean) + px * np.log(count)
        return float(np.sum(gammas + powers - (px + self.q) * np.log(self.gamma + count * mean)))

    def expected_value(self, count: Floats, mean: Floats) -> Floats:
        """Returns the expected value of a customer's next purchase, equation (5); infinite where q + p * count <= 1.

        Without a purchase it is the mean over all customers, ``p * gamma / (q - 1)``.
        """
        below = self.p * count + self.q - 1.0
        spent = np.where(count > 0, count * mean, 0.0)
        return np.where(below > 0, self.p * (self.gamma + spent) / np.where(below > 0, below, 1.0), np.inf)


def _maximise(log_likelihood: Callable[[Floats], float], parameters: int, customers: int) -> list[float]:
    """Returns the positive parameters of greatest likelihood, searched for in their logarithms."""

    def loss(logarithms: Floats) -> float:
        return -log_likelihood(np.exp(logarithms)) / customers

    bounds = [(-WIDEST, WIDEST)] * parameters
    found = minimize(loss, np.zeros(parameters), method="L-BFGS-B", bounds=bounds).x
    options = {"xatol": 1e-6, "fatol": 1e-12, "maxiter": 2000}
    polished: Floats = np.exp(minimize(loss, found, method="Nelder-Mead", bounds=bounds, options=options).x)
    return [float(parameter) for parameter in polished]

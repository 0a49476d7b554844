"""How well an order of customers puts those first on whom a campaign has the most effect."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from models.intervals import Estimate

DEPTHS = 100
DRAWS = 200


@dataclass(frozen=True, eq=False)
class Arms:
    """Customers of campaigns whose arms were drawn.

    Parameters
    ----------
    is_treated
        Shape (rows,).
    holdout
        The share of the control group in each one's campaign, shape (rows,).
    outcome
        What is to grow, shape (rows,): 1 where it happened, or an amount.
    """

    is_treated: Bools
    holdout: Floats
    outcome: Floats

    @property
    def weight(self) -> Floats:
        """How many customers each stands for: with the share of its arm in its campaign both arms weigh the same."""
        return 1.0 / np.where(self.is_treated, 1.0 - self.holdout, self.holdout)


def qini_curve(effect: Floats, arms: Arms, weight: Floats | None = None) -> Floats:
    """Returns what the campaign gains by the share of customers it is sent to, the largest expected effect first.

    Radcliffe 2007, Direct Marketing Analytics Journal, 14-21: at a depth, the difference of the arms' means among the
    customers up to there, times that share of the customers; shape (DEPTHS + 1,), per customer of all. Equal effects
    share their place.

    Parameters
    ----------
    effect
        By which customers are ordered, shape (rows,).
    weight
        How often each counts, shape (rows,); once if left out.
    """
    order = np.argsort(-effect, kind="stable")
    counts = arms.weight if weight is None else arms.weight * weight
    counts = counts[order]
    treated = np.where(arms.is_treated[order], counts, 0.0)
    control = np.where(arms.is_treated[order], 0.0, counts)
    outcome = arms.outcome[order]
    size = np.cumsum(treated + control)
    last = np.append(np.flatnonzero(np.diff(effect[order])), len(effect) - 1)  # where a run of equal effects ends
    means = [_mean(np.cumsum(counted * outcome)[last], np.cumsum(counted)[last]) for counted in (treated, control)]
    share = size[last] / size[-1]
    gain = share * (means[0] - means[1])
    curve: Floats = np.interp(np.linspace(0, 1, DEPTHS + 1), np.append(0.0, share), np.append(0.0, gain))
    return curve


def qini(effect: Floats, arms: Arms, weight: Floats | None = None) -> float:
    """Returns the area between the Qini curve and the straight line of an order by chance.

    Zero for an order that knows nothing; in the unit of the outcome, per customer.
    """
    curve = qini_curve(effect, arms, weight)
    above = curve - np.linspace(0, curve[-1], DEPTHS + 1)
    return float(np.trapezoid(above, dx=1 / DEPTHS))


def qini_interval(effect: Floats, arms: Arms, customer: Ints, seed: int = 7) -> Estimate:
    """Returns the Qini coefficient with the 95 % interval of drawing customers again (percentiles of 200 draws).

    Parameters
    ----------
    customer
        Whose row it is, numbered from zero, shape (rows,): all rows of a customer are drawn together.
    """
    rng = np.random.default_rng(seed)
    customers = int(customer.max()) + 1
    chances = np.full(customers, 1 / customers)
    order = np.argsort(-effect, kind="stable")  # once: what is sorted is sorted again in no time
    effect, customer = effect[order], customer[order]
    arms = Arms(arms.is_treated[order], arms.holdout[order], arms.outcome[order])
    draws = [qini(effect, arms, rng.multinomial(customers, chances)[customer].astype(float)) for _ in range(DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(qini(effect, arms), float(low), float(high))


def _mean(total: Floats, count: Floats) -> Floats:
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)

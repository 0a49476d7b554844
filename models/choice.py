"""Chooses the kind of calibrator by what each would have lost on customers that it did not learn from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints
from models.calibration import KINDS, Calibrator, Identity

TIE = 1e-6
"""Log losses that differ by no more than this many nats are equal."""


@dataclass(frozen=True)
class Trial:
    """How one kind did on held-out customers.

    Parameters
    ----------
    log_loss
        Mean over rows, in nats.
    excess
        How much more that is than the lowest of all kinds.
    standard_error
        Of the excess, over customers.
    """

    kind: str
    log_loss: float
    excess: float
    standard_error: float

    @property
    def is_as_good_as_the_best(self) -> bool:
        """Whether the rows at hand cannot tell it from the kind with the lowest loss."""
        return self.excess <= max(self.standard_error, TIE)


@dataclass(frozen=True)
class Choice:
    """The calibrator that was chosen, fitted on all rows, and every kind's trial, the simplest first."""

    calibrator: Calibrator
    trials: tuple[Trial, ...]
    rows: int
    customers: int

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data: the kind that was chosen and the table of losses."""
        trials = [asdict(trial) for trial in self.trials]
        return {"chosen": self.calibrator.kind, "rows": self.rows, "customers": self.customers, "trials": trials}


def choose_calibrator(probabilities: Floats, y: Ints, groups: Ints, seed: int, folds: int = 5) -> Choice:
    """Returns the simplest kind of calibrator whose cross-fitted log loss is as good as the lowest.

    As good is within one standard error of the paired difference, the rule of Breiman, Friedman, Olshen and Stone,
    "Classification and Regression Trees", 1984, section 3.4.3: few rows or a near tie favour fewer parameters.

    Parameters
    ----------
    probabilities
        Shape (rows, classes), from a model that did not see these rows.
    y
        Class codes, shape (rows,).
    groups
        Customers, shape (rows,); all rows of one lie in the same fold. A single one leaves nothing to compare, and
        the probabilities as they are.
    seed
        Deals the customers out to the folds.
    """
    customers, customer = np.unique(groups, return_inverse=True)
    if len(customers) < 2:
        return Choice(Identity(), (), len(y), len(customers))
    deal = np.random.default_rng(seed).permutation(len(customers)) % min(folds, len(customers))
    losses = _cross_fitted(probabilities, y, deal[customer])
    trials = tuple(_compare(losses, customer))
    chosen = next(trial.kind for trial in trials if trial.is_as_good_as_the_best)
    return Choice(KINDS[chosen].fit(probabilities, y), trials, len(y), len(customers))


def _cross_fitted(probabilities: Floats, y: Ints, fold: Ints) -> dict[str, Floats]:
    """Returns each kind's log loss in every row, by a calibrator fitted on the other folds."""
    losses = {kind: np.empty(len(y)) for kind in KINDS}
    for number in range(int(fold.max()) + 1):
        held_out: Bools = fold == number
        for name, kind in KINDS.items():
            calibrated = kind.fit(probabilities[~held_out], y[~held_out]).apply(probabilities[held_out])
            happened = calibrated[np.arange(len(calibrated)), y[held_out]]
            losses[name][held_out] = -np.log(np.clip(happened, 1e-15, 1.0))
    return losses


def _compare(losses: dict[str, Floats], customer: Ints) -> Iterator[Trial]:
    lowest = min(losses.values(), key=np.mean)
    rows = np.bincount(customer)
    for kind, loss in losses.items():
        excess = float(np.mean(loss - lowest))
        apart = np.bincount(customer, weights=loss - lowest) - excess * rows
        error = np.sqrt(np.sum(apart**2) * len(rows) / (len(rows) - 1)) / len(loss)
        yield Trial(kind, float(np.mean(loss)), excess, float(error))

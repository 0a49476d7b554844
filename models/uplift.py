"""What a campaign changes for each customer, learnt from campaigns with control groups."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from features.arrays import Bools, Floats, Ints, Singles
from models.classifier import BoostedClassifier, BoostingOptions
from models.qini import Arms
from models.regressor import BoostedRegressor

Learner = Literal["t", "x"]
OPTIONS = BoostingOptions(
    rounds=60, learning_rate=0.05, num_leaves=7, min_data_in_leaf=100, feature_fraction=0.7, lambda_l2=20.0, threads=1
)
"""Small trees: effects are small beside what customers differ by anyway."""


@dataclass(frozen=True, eq=False)
class Uplift:
    """Estimates effects by a T-learner or an X-learner, fitted.

    Künzel, Sekhon, Bickel and Yu 2019, PNAS 116, 4156-4165. Both fit who does it in each arm. The T-learner takes the
    difference of the two. The X-learner asks each customer what the other arm's model would have expected, fits these
    imputed effects in each arm, and weighs the two by the chance of having been treated: the more there are in an arm,
    the better the model that the other arm's effects are imputed by. The T-learner is the default, for in
    ``benchmarks/campaigns.py`` it finds effects at least as well.
    """

    treated: BoostedClassifier
    control: BoostedClassifier
    imputed: tuple[BoostedRegressor, BoostedRegressor] | None
    holdout: float

    @classmethod
    def fit(
        cls,
        X: Singles,
        arms: Arms,
        columns: tuple[str, ...],
        learner: Learner = "t",
        options: BoostingOptions = OPTIONS,
    ) -> "Uplift":
        """Returns the learner on customers of both arms.

        Parameters
        ----------
        X
            Features from before the sending, shape (rows, columns).
        arms
            Whose outcome is 0 or 1.
        columns
            Feature names.
        """
        happened = arms.outcome.astype(np.int64)
        treated, control = (
            _chances(X[arm], happened[arm], columns, options) for arm in (arms.is_treated, ~arms.is_treated)
        )
        imputed = None
        if learner == "x":
            gained = arms.outcome[arms.is_treated] - control.predict_proba(X[arms.is_treated])[:, 1]
            missed = treated.predict_proba(X[~arms.is_treated])[:, 1] - arms.outcome[~arms.is_treated]
            imputed = (
                BoostedRegressor.fit(X[arms.is_treated], gained, columns, options),
                BoostedRegressor.fit(X[~arms.is_treated], missed, columns, options),
            )
        return cls(treated, control, imputed, float(arms.holdout.mean()))

    def effect(self, X: Singles) -> Floats:
        """Returns by how much the campaign changes the probability, shape (rows,)."""
        if self.imputed is None:
            return self.treated.predict_proba(X)[:, 1] - self.control.predict_proba(X)[:, 1]
        gained, missed = (model.predict(X) for model in self.imputed)
        return self.holdout * gained + (1.0 - self.holdout) * missed


@dataclass(frozen=True)
class Evidence:
    """What there has to be before anything is said of effects on single customers.

    Parameters
    ----------
    campaigns
        How many whose days are over.
    customers
        In each arm.
    outcomes
        In each arm.
    """

    campaigns: int = 2
    customers: int = 1_000
    outcomes: int = 100

    def missing(self, campaigns: int, arms: Arms) -> str:
        """Says what there is too little of; nothing if there is enough."""
        lacks = [] if campaigns >= self.campaigns else [f"{campaigns} of {self.campaigns} campaigns"]
        for name, arm in (("treated", arms.is_treated), ("left alone", ~arms.is_treated)):
            customers, outcomes = int(arm.sum()), int(arms.outcome[arm].sum())
            if customers < self.customers:
                lacks.append(f"{customers:,} of {self.customers:,} customers {name}")
            if outcomes < self.outcomes:
                lacks.append(f"{outcomes:,} of {self.outcomes:,} outcomes among those {name}")
        return ", ".join(lacks)


ENOUGH = Evidence()
FOLDS = 5


@dataclass(frozen=True, eq=False)
class CrossFit:
    """Effects on customers by learners that have not seen them.

    Parameters
    ----------
    fold
        Of each row; all rows of one customer are in the same, shape (rows,).
    fit
        Returns a learner of some rows.
    """

    fold: Ints
    fit: Callable[[Singles, Arms], Uplift] = field(repr=False)

    def effects(self, X: Singles, arms: Arms) -> Floats:
        """Returns the effect on each row, shape (rows,)."""
        effect = np.zeros(len(X))
        for fold in np.unique(self.fold).tolist():
            theirs = self.fold == fold
            effect[theirs] = self.fit(X[~theirs], taken(arms, ~theirs)).effect(X[theirs])
        return effect

    def order(self, X: Singles, arms: Arms) -> Floats:
        """Returns the place of each row's effect among those of its fold, from 0 to 1, shape (rows,).

        Across folds effects must not be compared: a learner that misses a fold in which much happened by chance expects
        less of everybody, and so puts that very fold last.
        """
        effect, place = self.effects(X, arms), np.zeros(len(X))
        for fold in np.unique(self.fold).tolist():
            theirs = self.fold == fold
            place[theirs] = rankdata(effect[theirs]) / theirs.sum()
        return place


def taken(arms: Arms, rows: Bools) -> Arms:
    """Returns some of the rows."""
    return Arms(arms.is_treated[rows], arms.holdout[rows], arms.outcome[rows])


def _chances(X: Singles, happened: Ints, columns: tuple[str, ...], options: BoostingOptions) -> BoostedClassifier:
    model = BoostedClassifier(2, options)
    model.fit(X, happened, columns)
    return model

"""Fits and calibrates the model of one target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from features.arrays import Floats, Ints, Singles
from features.durations import parse_duration
from features.targets import NO_LABEL, NO_YES, Purchase, Target
from models.choice import Choice, choose_calibrator
from models.classifier import BoostedClassifier
from models.hazards import ALWAYS, BIN, Bins, HazardModel, PersonPeriods
from models.ranking import Ranking
from models.reference import Reference, score_values
from models.regressor import BoostedRegressor
from models.spend import PLACE, Spent
from models.stability import Distribution
from models.target_model import TargetModel
from training.dataset import Dataset, Question, check_labels
from training.periods import Periods
from training.recipe import MODEL, Recipe

SEED = 7

Grow = Callable[[Target, Periods], BoostedClassifier]
"""Fits the classifier of a target on the person-periods that are known when fitting ends."""

GrowSpend = Callable[[Purchase, Periods], BoostedRegressor]
"""Fits the regression of the amounts of who buys on the horizons that have ended when fitting ends."""


class Growers(NamedTuple):
    """What fits trees: on rows in memory, or where the rows are."""

    target: Grow
    spend: GrowSpend


@dataclass(frozen=True, eq=False)
class Fit:
    """The model of one target, and how the kind of its calibrator was chosen."""

    model: TargetModel
    choice: Choice


def grower(
    question: Question, data: Dataset, recipe: Recipe, on_progress: Callable[[float], None] | None = None
) -> Growers:
    """Returns the functions that fit trees on rows in memory."""
    round_share = 1.0 / (2 * recipe.options.rounds * len(question.targets))
    drawn = data.take(data.drawn(question.periods.cutoffs, recipe.periods.stride))

    def on_round() -> None:
        if on_progress is not None:
            on_progress(round_share)

    def grow(target: Target, periods: Periods) -> BoostedClassifier:
        X, y = fitted_rows(drawn, target, periods)
        classifier = BoostedClassifier(1 + len(target.causes(question.journey)), recipe.options)
        classifier.fit(X, y, (*question.feature_sets[MODEL].columns, BIN), on_round)
        return classifier

    def grow_spend(purchase: Purchase, periods: Periods) -> BoostedRegressor:  # too quick to tell of its progress
        X, y = spent_rows(drawn, purchase, periods)
        columns = (*question.feature_sets[MODEL].columns, PLACE)
        return BoostedRegressor.fit(X, y, columns, recipe.options)

    return Growers(grow, grow_spend)


def fitted_rows(drawn: Dataset, target: Target, periods: Periods) -> tuple[Singles, Ints]:
    """Returns the person-periods that a classifier is fitted on: features and bin, and what came."""
    bins = Bins.up_to(target.horizons)
    rows = PersonPeriods.between(drawn.firsts[target.kind], drawn.cutoff, bins, ALWAYS, periods.fitted_until)
    return rows.matrix(drawn.matrices[MODEL]), rows.outcome


def spent_rows(drawn: Dataset, purchase: Purchase, periods: Periods) -> tuple[Singles, Floats]:
    """Returns what the regression of amounts is fitted on: features and horizon, and the logarithm of the amount."""
    ends = horizon_ends(drawn, purchase)
    spent = Spent.of(drawn.firsts[purchase.kind], drawn.amounts, purchase.horizons, ends <= periods.fitted_until)
    return spent.matrix(drawn.matrices[MODEL]), spent.logarithm


def horizon_ends(data: Dataset, purchase: Purchase) -> Ints:
    """Returns when each horizon of each row ends, UTC microseconds, shape (rows, horizons)."""
    widths = np.array([parse_duration(horizon) for horizon in purchase.horizons])
    return np.asarray(data.cutoff[:, None] + widths, dtype=np.int64)


def fit_target(
    question: Question, data: Dataset, seen: Dataset, target: Target, periods: Periods, grow: Grow
) -> TargetModel:
    """Returns the model of one target alone; see ``fit_and_choose``."""
    return fit_and_choose(question, data, seen, target, periods, grow).model


def fit_and_choose(
    question: Question, data: Dataset, seen: Dataset, target: Target, periods: Periods, grow: Grow
) -> Fit:
    """Returns the model of one target, fitted and calibrated on what is known by the end of these periods.

    Parameters
    ----------
    data
        Every row, to see whether there are enough.
    seen
        Rows with the matrix of the model, all later ones among them.
    """
    classes = target.classes(question.journey)
    known = data.labels(target, question.horizon, periods.calibrated_until)
    check_labels(known[known != NO_LABEL], f"{target.kind}_{question.horizon}", classes, "training and calibration")
    classifier = grow(target, periods)
    choice = _choice(classifier, seen, target, periods)
    model = TargetModel(target, classes, HazardModel(Bins.up_to(target.horizons), classifier, choice.calibrator))
    return Fit(ranked(model, seen, periods), choice)


def _choice(classifier: BoostedClassifier, seen: Dataset, target: Target, periods: Periods) -> Choice:
    """Returns the calibrator of the hazards in the bins between the end of the fit and that of the calibration."""
    between = periods.fitted_until, periods.calibrated_until
    later = PersonPeriods.between(seen.firsts[target.kind], seen.cutoff, Bins.up_to(target.horizons), *between)
    hazards = classifier.predict_proba(later.matrix(seen.matrices[MODEL]))
    return choose_calibrator(hazards, later.outcome, seen.snapshots.customer[later.snapshot], seed=SEED)


def ranked(model: TargetModel, seen: Dataset, periods: Periods) -> TargetModel:
    """Returns the model that ranks at every horizon, among the customers of the last cutoff that is learnt from."""
    if model.classes != NO_YES:
        return model
    last = last_learnt(seen, periods)
    chances = model.predict_proba(last.matrices[MODEL], last.stage)[:, :, 1]
    asked = last.asked[model.target.kind]
    rankings = (Ranking.of(chances[asked[:, place], place]) for place in range(len(model.target.horizons)))
    return replace(model, rankings=tuple(rankings))


def last_learnt(seen: Dataset, periods: Periods) -> Dataset:
    """Returns the rows of the last cutoff that is learnt from."""
    return seen.take(seen.cutoff == seen.cutoff[seen.cutoff <= periods.calibrated_until].max())


def reference(question: Question, seen: Dataset, models: Sequence[TargetModel], periods: Periods) -> Reference:
    """Returns what features and scores look like among the customers of the last cutoff that is learnt from."""
    last = last_learnt(seen, periods)
    X = last.matrices[MODEL]
    probabilities = {model.target.kind: model.predict_proba(X, last.stage) for model in models}
    scores = score_values(models, probabilities, last.asked, last.stage)
    columns = question.feature_sets[MODEL].columns
    return Reference(
        int(last.cutoff[0]),
        len(last),
        {name: Distribution.of(X[:, place].astype(np.float64)) for place, name in enumerate(columns)},
        {name: Distribution.of(values) for name, values in scores.items()},
    )

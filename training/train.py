"""Fits and calibrates one model per target, and measures each beside its baselines on a later period."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from features.arrays import Floats, Ints
from features.events import EVENT, EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.targets import Churn, NextStage, Purchase, Target
from models.baselines import Baseline, baselines_for
from models.calibration import Calibrator
from models.classifier import BoostedClassifier, BoostingOptions
from models.predictor import Predictor, TargetModel
from training.config import PeriodConfig
from training.dataset import Dataset, build_dataset, check_labels
from training.metrics import evaluate, is_better
from training.periods import Periods, split_periods

MODEL = "nextstage"
DECISIVE = {"next_stage": ("log_loss", "accuracy"), "churn": ("auc", "brier"), "purchase": ("auc", "brier")}
"""The metrics in which a model must beat every baseline."""


@dataclass(frozen=True)
class Recipe:
    """What to train: the horizon, the periods, how the classifiers are grown, and on what features.

    Without ``features`` the set is derived from the journey and the log.
    """

    horizon: str = "28d"
    periods: PeriodConfig = field(default_factory=PeriodConfig)
    options: BoostingOptions = field(default_factory=BoostingOptions)
    features: FeatureSet | None = None

    def targets(self) -> tuple[Target, ...]:
        """Returns what is predicted."""
        return NextStage(self.horizon), Churn(self.horizon), Purchase(self.horizon)


@dataclass(frozen=True, eq=False)
class Result:
    """One target on the test period: probabilities by model, shapes (rows, classes), and their metrics."""

    target: Target
    classes: tuple[str, ...]
    y: Ints
    probabilities: dict[str, Floats]
    metrics: dict[str, dict[str, float]]

    def lost_to(self) -> list[tuple[str, str]]:
        """Returns every (baseline, metric) in which the baseline is at least as good, of the decisive metrics."""
        model = self.metrics[MODEL]
        return [
            (name, metric)
            for name, scores in self.metrics.items()
            if name != MODEL
            for metric in DECISIVE[self.target.kind]
            if not is_better(metric, model[metric], scores[metric])
        ]


@dataclass(frozen=True, eq=False)
class Training:
    """A fitted predictor and how it did on the test period."""

    predictor: Predictor
    results: tuple[Result, ...]
    recipe: Recipe


def train(
    log: EventLog, journey: Journey, recipe: Recipe, on_progress: Callable[[float], None] | None = None
) -> Training:
    """Returns a predictor fitted on the training period, calibrated on the next and measured on the last.

    Parameters
    ----------
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.

    Raises
    ------
    TrainingError
        If the log is too short, or a target has too few rows or only one class in a period.
    FeatureError
        If the features do not fit the log.
    JourneyError
        If the journey's events are not in the log.
    """
    journey.check_events(log)
    periods = split_periods(log, recipe.horizon, recipe.periods)
    chosen = FeatureSet.default(log, journey) if recipe.features is None else recipe.features.bind(log, journey)
    data = build_dataset(log, journey, chosen, periods)
    targets = recipe.targets()
    round_share = 1.0 / (recipe.options.rounds * len(targets))

    def on_round() -> None:
        if on_progress is not None:
            on_progress(round_share)

    models = tuple(_fit(data, target, recipe.options, on_round) for target in targets)
    results = tuple(_measure(data, model, periods) for model in models)
    facts: dict[str, Any] = {
        "data_hash": log.fingerprint(),
        "customers": log.n_customers,
        "events": log.n_events,
        "periods": periods.describe(),
        "options": asdict(recipe.options),
        "metrics": {result.target.name: result.metrics for result in results},
    }
    return Training(Predictor(journey, data.feature_set, models, facts), results, recipe)


def _fit(data: Dataset, target: Target, options: BoostingOptions, on_round: Callable[[], None]) -> TargetModel:
    classes = target.classes(data.journey)
    X, y = data.labelled(data.training, target)
    check_labels(y, target, classes, "training")
    later, answers = data.labelled(data.calibration, target)
    check_labels(answers, target, classes, "calibration")
    classifier = BoostedClassifier(len(classes), options)
    classifier.fit(X, y, data.feature_set.columns, on_round)
    return TargetModel(target, classes, classifier, Calibrator.fit(classifier.predict_proba(later), answers))


def _measure(data: Dataset, model: TargetModel, periods: Periods) -> Result:
    X, y = data.labelled(data.test, model.target)
    check_labels(y, model.target, model.classes, "test")
    probabilities = {MODEL: model.predict_proba(X)}
    for baseline in baselines_for(model.target, len(model.classes)):
        probabilities[baseline.name] = _baseline_probabilities(baseline, data, model.target, periods)
    metrics = {name: evaluate(predicted, y) for name, predicted in probabilities.items()}
    return Result(model.target, model.classes, y, probabilities, metrics)


def _baseline_probabilities(baseline: Baseline, data: Dataset, target: Target, periods: Periods) -> Floats:
    """Returns a baseline's test probabilities; with nothing to calibrate it learns from both earlier periods."""
    features = baseline.features(data.journey, data.log.dimensions[EVENT].names)
    own = build_dataset(data.log, data.journey, features, periods)
    earlier = [own.labelled(split, target) for split in (own.training, own.calibration)]
    baseline.fit(np.concatenate([X for X, _ in earlier]), np.concatenate([y for _, y in earlier]))
    return baseline.predict_proba(own.labelled(own.test, target)[0])

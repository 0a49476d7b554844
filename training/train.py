"""Fits and calibrates one model per target, and measures each beside its baselines on a later period."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from features.arrays import Floats, Ints
from features.events import EVENT, EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.targets import Churn, NextStage, Purchase, Target
from features.vocabulary import Vocabulary
from models.baselines import Baseline, baselines_for
from models.calibration import Calibrator
from models.classifier import BoostedClassifier, BoostingOptions
from models.predictor import Predictor, TargetModel
from training.config import PeriodConfig
from training.dataset import Dataset, Question, check_labels
from training.metrics import evaluate, is_better
from training.periods import Span, split_periods

MODEL = "nextstage"
DECISIVE = {"next_stage": ("log_loss", "accuracy"), "churn": ("auc", "brier"), "purchase": ("auc", "brier")}
"""The metrics in which a model must beat every baseline."""

Grow = Callable[[Target], BoostedClassifier]
"""Fits the classifier of a target on its labelled rows of the training period."""


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
    question = ask(Vocabulary.of(log), log, journey, recipe)
    data = question.dataset(log)
    facts = {"data_hash": log.fingerprint(), "customers": log.n_customers, "events": log.n_events}
    return fit_and_measure(question, data, recipe, facts, grower(question, data, recipe, on_progress))


def ask(vocabulary: Vocabulary, span: Span, journey: Journey, recipe: Recipe) -> Question:
    """Returns what a training run asks of a log with this vocabulary and span, once the journey fits it."""
    events = tuple(vocabulary.dimensions[EVENT])
    journey.check_events(events)
    periods = split_periods(span, recipe.horizon, recipe.periods)
    chosen = recipe.features
    feature_sets = {
        MODEL: FeatureSet.default(vocabulary, journey) if chosen is None else chosen.bind(vocabulary, journey)
    }
    for target in recipe.targets():
        baselines = baselines_for(target, len(target.classes(journey)))
        feature_sets |= {baseline.name: baseline.features(journey, events) for baseline in baselines}
    return Question(journey, feature_sets, recipe.targets(), periods)


def grower(
    question: Question, data: Dataset, recipe: Recipe, on_progress: Callable[[float], None] | None = None
) -> Grow:
    """Returns the function that fits the classifier of a target on rows in memory."""
    round_share = 1.0 / (recipe.options.rounds * len(question.targets))

    def on_round() -> None:
        if on_progress is not None:
            on_progress(round_share)

    def grow(target: Target) -> BoostedClassifier:
        X, y = data.training.labelled(target, MODEL)
        classifier = BoostedClassifier(len(target.classes(question.journey)), recipe.options)
        classifier.fit(X, y, question.feature_sets[MODEL].columns, on_round)
        return classifier

    return grow


def fit_and_measure(
    question: Question, data: Dataset, recipe: Recipe, facts: Mapping[str, Any], grow: Grow
) -> Training:
    """Returns the predictor whose classifiers ``grow`` fits; everything else is done here, on rows in memory.

    Parameters
    ----------
    data
        Its training period may lack the matrix of the model, which ``grow`` alone reads.
    facts
        What is known of the log: its hash, customers and events.
    """
    models = tuple(_fit(question, data, target, grow) for target in question.targets)
    results = tuple(_measure(data, model) for model in models)
    told = {
        **facts,
        "periods": question.periods.describe(),
        "options": asdict(recipe.options),
        "metrics": {result.target.name: result.metrics for result in results},
    }
    return Training(Predictor(question.journey, question.feature_sets[MODEL], models, told), results, recipe)


def _fit(question: Question, data: Dataset, target: Target, grow: Grow) -> TargetModel:
    classes = target.classes(question.journey)
    check_labels(data.training.answers(target), target, classes, "training")
    later, answers = data.calibration.labelled(target, MODEL)
    check_labels(answers, target, classes, "calibration")
    classifier = grow(target)
    return TargetModel(target, classes, classifier, Calibrator.fit(classifier.predict_proba(later), answers))


def _measure(data: Dataset, model: TargetModel) -> Result:
    X, y = data.test.labelled(model.target, MODEL)
    check_labels(y, model.target, model.classes, "test")
    probabilities = {MODEL: model.predict_proba(X)}
    for baseline in baselines_for(model.target, len(model.classes)):
        probabilities[baseline.name] = _baseline_probabilities(baseline, data, model.target)
    metrics = {name: evaluate(predicted, y) for name, predicted in probabilities.items()}
    return Result(model.target, model.classes, y, probabilities, metrics)


def _baseline_probabilities(baseline: Baseline, data: Dataset, target: Target) -> Floats:
    """Returns a baseline's test probabilities; with nothing to calibrate it learns from both earlier periods."""
    earlier = [split.labelled(target, baseline.name) for split in (data.training, data.calibration)]
    baseline.fit(np.concatenate([X for X, _ in earlier]), np.concatenate([y for _, y in earlier]))
    return baseline.predict_proba(data.test.labelled(target, baseline.name)[0])

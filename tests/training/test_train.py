from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from features.errors import JourneyError, TrainingError
from features.events import EventLog
from features.journey import Journey, load_journey
from features.targets import Churn, NextStage, Purchase
from models.baselines import baselines_for
from tests.conftest import RECIPE
from training.metrics import is_better
from training.train import MODEL, Recipe, Training, train


def test_models_beat_prevalence_on_the_later_period(training: Training) -> None:
    for result in training.results:
        assert is_better("log_loss", result.metrics[MODEL]["log_loss"], result.metrics["prevalence"]["log_loss"])


def test_every_target_is_measured_beside_every_baseline(training: Training) -> None:
    for result in training.results:
        names = [baseline.name for baseline in baselines_for(result.target, len(result.classes))]
        assert list(result.metrics) == [MODEL, *names]
        assert len({frozenset(metrics) for metrics in result.metrics.values()}) == 1


def test_training_twice_gives_identical_models(training: Training, log: EventLog, journey: Journey) -> None:
    assert train(log, journey, RECIPE).predictor.fingerprint == training.predictor.fingerprint


def test_progress_shares_sum_to_one(log: EventLog, journey: Journey) -> None:
    shares: list[float] = []
    train(log, journey, replace(RECIPE, options=replace(RECIPE.options, rounds=5)), shares.append)
    assert sum(shares) == pytest.approx(1.0)


def test_a_model_that_loses_to_a_baseline_says_so(training: Training) -> None:
    result = training.results[1]
    worse = {**result.metrics, "markov": {**result.metrics["markov"], "auc": 1.0}}
    assert ("markov", "auc") in replace(result, metrics=worse).lost_to()


def test_targets_share_one_horizon() -> None:
    assert Recipe("14d").targets() == (NextStage("14d"), Churn("14d"), Purchase("14d"))


def test_a_journey_whose_events_are_not_in_the_log_is_refused(log: EventLog) -> None:
    with pytest.raises(JourneyError, match="no event under 'activity' is in the log"):
        train(log, load_journey("ecommerce"), RECIPE)


def test_too_few_customers_are_refused(log: EventLog, journey: Journey) -> None:
    with pytest.raises(TrainingError, match="bring more customers or a longer history"):
        train(log.select(np.arange(5)), journey, RECIPE)


def test_facts_say_where_a_predictor_comes_from(training: Training, log: EventLog) -> None:
    facts = training.predictor.facts
    assert facts["data_hash"] == log.fingerprint()
    periods = [facts["periods"][name].split(" to ") for name in ("training", "calibration", "test")]
    assert all(earlier[1] < later[0] for earlier, later in pairwise(periods))

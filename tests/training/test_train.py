from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from features.durations import DAY
from features.errors import JourneyError
from features.events import EventLog
from features.journey import Journey, load_journey
from features.snapshots import Snapshots
from features.timestamps import parse_moment
from models.calibration import KINDS
from tests.conftest import RECIPE
from training.card import model_card
from training.recipe import MODEL, Recipe
from training.train import Training, train


def test_training_twice_gives_identical_models(training: Training, log: EventLog, journey: Journey) -> None:
    assert train(log, journey, RECIPE).predictor.fingerprint == training.predictor.fingerprint


def test_progress_shares_sum_to_one(log: EventLog, journey: Journey) -> None:
    shares: list[float] = []
    train(log, journey, replace(RECIPE, options=replace(RECIPE.options, rounds=5)), shares.append)
    assert sum(shares) == pytest.approx(1.0)


def test_the_measured_model_knows_nothing_of_the_test_period(
    training: Training, log: EventLog, journey: Journey
) -> None:
    """Whatever comes after the first tested cutoff may be anything: the measured model stays the same, bit for bit."""
    first = parse_moment(training.measured.facts["periods"]["test"].split(" to ")[0])
    rng = np.random.default_rng(0)
    time = np.where(log.time > first, rng.integers(first + 1, log.end, len(log.time)), log.time)
    order = np.lexsort((time, log.customer))
    other = replace(
        log,
        time=time[order],
        dimensions={name: dimension.take(order) for name, dimension in log.dimensions.items()},
        measures={name: measure[order] for name, measure in log.measures.items()},
        end=log.end,
    )
    assert other.fingerprint() != log.fingerprint()
    again = train(other, journey, RECIPE)
    assert again.measured.fingerprint == training.measured.fingerprint
    assert again.predictor.fingerprint != training.predictor.fingerprint


def test_every_horizon_of_every_target_is_measured(training: Training) -> None:
    names = [f"{kind}_{horizon}" for kind in ("next_stage", "churn", "purchase") for horizon in RECIPE.horizons]
    assert [result.name for result in training.results] == names


def test_a_journey_whose_events_are_not_in_the_log_is_refused(log: EventLog) -> None:
    with pytest.raises(JourneyError, match="no event under 'activity' is in the log"):
        train(log, load_journey("ecommerce"), RECIPE)


def test_too_few_customers_are_answered_by_a_labelled_baseline(log: EventLog, journey: Journey) -> None:
    few = log.select(np.arange(5))
    trained = train(few, journey, RECIPE)
    assert not trained.results
    assert trained.predictor.facts["shortages"].keys() == {"next_stage", "churn", "purchase"}
    assert "bring more customers or a longer history" in trained.predictor.facts["shortages"]["churn"]
    columns = trained.predictor.score(few, Snapshots.at(few, few.end)).columns()
    assert {*columns["next_stage_basis"], *columns["churn_basis"], *columns["purchase_basis"]} == {"baseline"}
    assert all(0.0 < probability < 1.0 for probability in columns["purchase_prob"])
    assert all(1 <= place <= 100 for place in columns["purchase_7d_percentile"])


def test_a_log_too_short_for_a_test_is_answered_by_labelled_baselines(log: EventLog, journey: Journey) -> None:
    short = log.until(log.start + 60 * DAY)
    trained = train(short, journey, RECIPE)
    assert not trained.results
    assert not trained.spend_results
    assert all("'nextstage check' says" in why for why in trained.predictor.facts["shortages"].values())
    columns = trained.predictor.score(short, Snapshots.at(short, short.end)).columns()
    assert {*columns["next_stage_basis"], *columns["churn_basis"], *columns["purchase_basis"]} == {"baseline"}
    assert all(0.0 < probability < 1.0 for probability in columns["purchase_prob"])
    card = model_card(trained.noting(grades={}))
    assert "too little data to measure anything" in card
    assert card.count("is answered by a baseline") == 3


def test_facts_say_where_a_predictor_comes_from(training: Training, log: EventLog) -> None:
    facts = training.predictor.facts
    assert facts["data_hash"] == log.fingerprint()
    periods = [facts["periods"][name].split(" to ") for name in ("training", "calibration", "test")]
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(periods))


def test_facts_tell_how_each_calibrator_was_chosen(training: Training) -> None:
    for predictor in (training.measured, training.predictor):
        for model in predictor.models:
            told = predictor.facts["calibrators"][model.target.kind]
            assert told["chosen"] == model.boosted.calibrator.kind
            assert [trial["kind"] for trial in told["trials"]] == list(KINDS)
            assert told["rows"] > told["customers"] > 0
    assert training.noting(note=1).predictor.facts["note"] == 1
    assert "note" not in training.predictor.facts


def test_the_next_event_is_predicted_when_it_is_asked_for(log: EventLog, journey: Journey) -> None:
    options = replace(RECIPE.options, rounds=10)
    recipe = Recipe("28d", ("7d", "28d"), RECIPE.periods, options, kinds=("next_stage", "next_event"))
    trained = train(log, journey, recipe)
    result = next(result for result in trained.results if result.name == "next_event_28d")
    assert result.classes == ("nothing", *journey.events)
    assert "markov_event_3" in result.metrics
    assert result.metrics[MODEL]["log_loss"] < result.metrics["prevalence"]["log_loss"]
    record = trained.predictor.score(log, Snapshots.at(log, log.end)).records()[0]
    assert record["event_next"] in result.classes
    assert sum(record["next_event"]["28d"].values()) == pytest.approx(1.0, abs=1e-9)

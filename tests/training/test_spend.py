"""The model of spending in a training run: what it may learn of, what it is measured beside, and when there is none."""

from dataclasses import replace

import numpy as np
import pytest

from features.events import VALUE, EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import spending
from features.vocabulary import Vocabulary
from tests.conftest import RECIPE
from training.dataset import Dataset, Question
from training.fit import grower, horizon_ends, spent_rows
from training.placebo import PlaceboRecipe
from training.recipe import MODEL
from training.spend import coverage, evaluate_spend, fit_spend
from training.train import Training, ask, train

FEW_ROUNDS = replace(RECIPE, options=replace(RECIPE.options, rounds=3))


@pytest.fixture(scope="module")
def question(log: EventLog, journey: Journey) -> Question:
    return ask(Vocabulary.of(log), log, journey, RECIPE)


@pytest.fixture(scope="module")
def data(question: Question, log: EventLog) -> Dataset:
    return question.dataset(log)


def test_amounts_are_what_is_spent_in_each_horizon(data: Dataset, log: EventLog, journey: Journey) -> None:
    for place, horizon in enumerate(RECIPE.horizons):
        expected = spending(log, journey, data.snapshots, horizon)
        assert data.amounts[:, place].tobytes() == expected.tobytes()
    assert (np.diff(data.amounts, axis=1) >= 0).all()
    assert data.amounts[:, -1].any()


def test_what_is_spent_after_the_end_of_the_fit_is_not_fitted(question: Question, data: Dataset) -> None:
    purchase, periods = question.purchase, question.periods
    assert purchase is not None
    X, y = spent_rows(data, purchase, periods)
    later = horizon_ends(data, purchase) > periods.fitted_until
    other = replace(data, amounts=np.where(later, data.amounts * 7.0 + 1.0, data.amounts))
    assert spent_rows(other, purchase, periods)[1].tobytes() == y.tobytes()
    bought = (data.firsts[purchase.kind].wait[:, None] <= horizon_ends(data, purchase) - data.cutoff[:, None]) & ~later
    assert len(X) == len(y) == bought.sum()


def test_scatter_is_of_horizons_that_ended_in_the_calibration_period(question: Question, data: Dataset) -> None:
    purchase, periods = question.purchase, question.periods
    assert purchase is not None
    grow = grower(question, data, FEW_ROUNDS).spend
    spend = fit_spend(question, data, data, periods, grow)
    ends = horizon_ends(data, purchase)
    learnt = (ends > periods.fitted_until) & (ends <= periods.calibrated_until)
    beyond = replace(data, amounts=np.where(ends <= periods.calibrated_until, data.amounts, 1e6))
    again = fit_spend(question, beyond, beyond, periods, grow)
    doubled = replace(data, amounts=np.where(learnt, 2.0 * data.amounts + 1.0, data.amounts))
    dearer = fit_spend(question, doubled, doubled, periods, grow)
    assert spend is not None
    assert again is not None
    assert dearer is not None
    assert again.scatters == spend.scatters
    assert dearer.regressor.to_text() == spend.regressor.to_text()
    for one, other in zip(dearer.scatters, spend.scatters, strict=True):  # 1 + 2 * amount + 1 is twice 1 + amount
        assert one.smearing == pytest.approx(2.0 * other.smearing)


def test_every_horizon_is_measured_beside_every_baseline(training: Training) -> None:
    assert [result.name for result in training.spend_results] == [f"spend_{horizon}" for horizon in RECIPE.horizons]
    for result in training.spend_results:
        assert list(result.metrics) == [MODEL, "mean_spend", "past_rate", "bg_nbd_gamma_gamma"]
        assert result.metrics[MODEL]["mae"] < result.metrics["mean_spend"]["mae"]
        assert result.metrics[MODEL]["rmse"] < result.metrics["mean_spend"]["rmse"]
        assert result.metrics[MODEL]["spearman"] > 0.3
        assert result.metrics[MODEL]["bias"] == pytest.approx(1.0, abs=0.2)
        assert 0.86 < result.metrics[MODEL]["coverage"] < 0.99
    told = training.predictor.facts["spend_metrics"]
    assert told == {result.name: result.metrics for result in training.spend_results}


def test_scores_say_what_is_spent(training: Training, log: EventLog) -> None:
    scores = training.predictor.score(log, Snapshots.at(log, log.end))
    frame, record = scores.frame(), scores.records()[0]
    assert (frame["clv_low"] <= frame["clv_high"]).all()
    assert (frame["clv_expected"] == frame[f"spend_{RECIPE.horizon}"]).all()
    ordered = frame[[f"spend_{horizon}" for horizon in RECIPE.horizons]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0.0).all()
    assert list(record["spend"]) == list(RECIPE.horizons)
    assert record["spend"][RECIPE.horizon]["expected"] == record["clv_expected"] == frame["clv_expected"][0]
    assert not [name for name in record if name.startswith("spend_")]


def test_a_log_without_values_has_no_model_of_spending(log: EventLog, journey: Journey) -> None:
    silent = replace(log, measures={**log.measures, VALUE: np.full(log.n_events, np.nan)})
    training = train(silent, journey, replace(FEW_ROUNDS, horizons=("28d",)))
    assert training.predictor.spend is None
    assert training.measured.spend is None
    assert training.spend_results == ()
    assert training.predictor.facts["spend_metrics"] == {}
    scores = training.predictor.score(silent, Snapshots.at(silent, silent.end))
    assert not [name for name in scores.columns() if name.startswith(("clv", "spend"))]
    assert "spend" not in scores.records()[0]


def test_shuffled_answers_have_no_model_of_spending(log: EventLog, journey: Journey) -> None:
    recipe = PlaceboRecipe(options=FEW_ROUNDS.options)
    question = ask(Vocabulary.of(log), log, journey, recipe)
    assert question.purchase is None
    assert question.dataset(log.select(np.arange(5))).amounts.shape[1] == 0


def test_figures_are_those_of_a_small_example() -> None:
    metrics = evaluate_spend(np.array([1.0, 2.0, 6.0]), np.array([0.0, 4.0, 8.0]))
    assert metrics["mae"] == pytest.approx(5.0 / 3.0)
    assert metrics["rmse"] == pytest.approx(np.sqrt(3.0))
    assert metrics["bias"] == pytest.approx(9.0 / 12.0)
    assert metrics["spearman"] == pytest.approx(1.0)
    assert evaluate_spend(np.full(3, 4.0), np.array([0.0, 4.0, 8.0]))["spearman"] == 0.0
    assert coverage(np.array([0.0, 1.0]), np.array([0.0, 2.0]), np.array([0.0, 3.0])) == 0.5

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.durations import DAY
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey
from models.classifier import BoostingOptions
from models.metrics import evaluate
from tests.data import generated_events
from training.backtest import Backtest, run_backtest
from training.config import PeriodConfig
from training.recipe import MODEL, Recipe
from training.spend import pool_spend

RECIPE = Recipe(
    "28d",
    ("7d", "28d"),
    PeriodConfig(every="14d", test="42d"),
    BoostingOptions(rounds=10, learning_rate=0.2, min_data_in_leaf=40, threads=1),
)
SHARES: list[float] = []


@pytest.fixture(scope="module")
def backtest(log: EventLog, journey: Journey) -> Backtest:
    return run_backtest(log, journey, RECIPE, folds=3, on_progress=SHARES.append)


def test_no_fold_learns_of_its_test_and_no_cutoff_is_tested_twice(backtest: Backtest, log: EventLog) -> None:
    tested = np.concatenate([fold.periods.tested for fold in backtest.folds])
    assert len(backtest.folds) == 3
    assert len(np.unique(tested)) == len(tested)
    assert (np.diff(tested) > 0).all()
    for fold in backtest.folds:
        assert fold.periods.calibrated_until <= fold.periods.tested[0]
        assert fold.periods.tested[-1] + 28 * DAY <= log.end


def test_a_fold_is_as_it_would_have_been_then(backtest: Backtest, log: EventLog, journey: Journey) -> None:
    """The oldest fold comes out bit for bit the same from a log that ended right after its test."""
    oldest = backtest.folds[0]
    end = log.end - 2 * 42 * DAY
    kept = log.time <= end
    counts = np.bincount(log.customer[kept], minlength=log.n_customers)
    then = EventLog(
        customers=log.customers,
        indptr=np.concatenate([[0], np.cumsum(counts)]),
        time=log.time[kept],
        dimensions={name: dimension.take(np.flatnonzero(kept)) for name, dimension in log.dimensions.items()},
        measures={name: measure[kept] for name, measure in log.measures.items()},
        end=end,
    )
    (again,) = run_backtest(then, journey, RECIPE, folds=1).folds
    assert again.periods.tested.tolist() == oldest.periods.tested.tolist()
    for one, other in zip(again.results, oldest.results, strict=True):
        assert np.array_equal(one.y, other.y)
        assert np.array_equal(one.probabilities[MODEL], other.probabilities[MODEL])


def test_pooled_metrics_are_those_of_the_rows_of_all_folds(backtest: Backtest) -> None:
    for place, pooled in enumerate(backtest.pooled):
        parts = [fold.results[place] for fold in backtest.folds]
        assert {part.name for part in parts} == {pooled.name}
        assert len(pooled.y) == sum(len(part.y) for part in parts) == len(pooled.customer) == len(pooled.stage)
        assert pooled.metrics[MODEL] == evaluate(pooled.probabilities[MODEL], pooled.y)


def test_spending_is_measured_on_the_rows_of_all_folds(backtest: Backtest) -> None:
    assert [pooled.name for pooled in backtest.spend] == ["spend_7d", "spend_28d"]
    for place, pooled in enumerate(backtest.spend):
        parts = [fold.spend_results[place] for fold in backtest.folds]
        assert len(pooled.actual) == sum(len(part.actual) for part in parts)
        for name, metrics in pooled.metrics.items():
            errors = np.concatenate([np.abs(part.predicted[name] - part.actual) for part in parts])
            assert metrics["mae"] == pytest.approx(errors.mean())
        inside = np.concatenate([(part.low <= part.actual) & (part.actual <= part.high) for part in parts])
        assert pooled.metrics[MODEL]["coverage"] == inside.mean()


def test_spending_that_one_fold_says_nothing_of_is_not_pooled(backtest: Backtest) -> None:
    assert pool_spend([backtest.folds[0].spend_results, ()]) == ()


def test_progress_shares_sum_to_one(backtest: Backtest) -> None:
    assert backtest.folds
    assert sum(SHARES) == pytest.approx(1.0)


def test_a_target_with_too_little_data_is_left_out_and_the_others_are_measured(journey: Journey) -> None:
    """Nobody is ever lost where everybody checks in each day and that counts as activity."""
    frame, days = generated_events(customers=120), pd.date_range("2024-01-01", periods=300, freq="D", tz="UTC")
    names = frame["customer_id"].unique()
    daily = pd.DataFrame({"customer_id": np.repeat(names, len(days)), "timestamp": np.tile(days, len(names))})
    everything = pd.concat([frame, daily.assign(event="check_in")], ignore_index=True)
    busy = journey.model_copy(update={"activity": (*journey.activity, "check_in")})
    found = run_backtest(log_from_frame(everything), busy, replace(RECIPE, kinds=("next_stage", "churn")), folds=1)
    assert found.left_out.keys() == {"churn"}
    assert "churn_28d has only one class" in found.left_out["churn"]
    assert {result.name for result in found.pooled} == {"next_stage_7d", "next_stage_28d"}

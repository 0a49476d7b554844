"""Spending: the closed form of the interval against simulation, its coverage, and what holds for any model."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from features.durations import DAY
from features.targets import NEVER, NOTHING, Firsts
from models.classifier import BoostingOptions
from models.regressor import BoostedRegressor
from models.spend import HIGH, LOW, Scatter, SpendModel, SpendScores, Spent, scatter_arrays, spend_figures

HORIZONS = ("7d", "28d")
OPTIONS = BoostingOptions(rounds=60, learning_rate=0.1, min_data_in_leaf=50, lambda_l2=0.0, threads=1)


def customers(n: int, seed: int) -> tuple[Floats, Floats]:
    """Returns one feature and amounts of buyers, log-normal when one is added, in both horizons. Synthetic."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 1)).astype(np.float32)
    middle = 3.0 + 0.8 * X + np.array([0.0, 1.2])
    return X, np.maximum(np.expm1(rng.normal(middle, [0.7, 0.5])), 0.0)


@pytest.fixture(scope="module")
def model() -> SpendModel:
    X, amounts = customers(12_000, seed=1)
    rows = [np.column_stack([X, np.full(len(X), place)]).astype(np.float32) for place in (0, 1)]
    fitted, later = slice(0, 6_000), slice(6_000, None)
    y = np.log1p(amounts)
    regressor = BoostedRegressor.fit(
        np.vstack([one[fitted] for one in rows]), y[fitted].T.ravel(), ("signal", "horizon_ahead"), OPTIONS
    )
    errors = [y[later, place] - regressor.predict(rows[place][later]) for place in (0, 1)]
    return SpendModel(HORIZONS, regressor, tuple(Scatter.of(one) for one in errors))


def test_rows_are_the_horizons_with_a_purchase() -> None:
    firsts = Firsts(np.array([3 * DAY, 7 * DAY, 20 * DAY, NEVER]), np.array([0, 0, 0, NOTHING]))
    amounts = np.array([[1.0, 5.0], [2.0, 6.0], [0.0, 7.0], [0.0, 0.0]])
    chosen = np.array([[True, False], [True, True], [True, True], [True, True]])
    rows = Spent.of(firsts, amounts, HORIZONS, chosen)
    assert rows.snapshot.tolist() == [0, 1, 1, 2]
    assert rows.place.tolist() == [0, 0, 1, 1]
    assert rows.amount.tolist() == [1.0, 2.0, 6.0, 7.0]
    X = np.array([[10.0], [11.0], [12.0], [13.0]], dtype=np.float32)
    assert rows.matrix(X).tolist() == [[10.0, 0.0], [11.0, 0.0], [11.0, 1.0], [12.0, 1.0]]


def test_smearing_is_the_mean_of_the_ratios() -> None:
    errors = np.random.default_rng(0).normal(0.0, 0.6, 200_000)
    assert Scatter.of(errors).smearing == pytest.approx(np.exp(0.6**2 / 2.0), rel=0.01)  # of a log-normal


@pytest.mark.parametrize("p", [0.02, 0.051, 0.3, 0.8, 0.949, 0.96, 1.0])
def test_the_closed_form_is_the_quantile_of_simulated_totals(p: float) -> None:
    rng = np.random.default_rng(4)
    scatter = Scatter.of(rng.normal(0.0, 0.6, 100_000))
    ratios = np.exp(rng.normal(0.0, 0.6, 1_000_000))
    totals = np.where(rng.random(1_000_000) < p, np.maximum(20.0 * ratios - 1.0, 0.0), 0.0)
    logarithm, chance = np.array([[np.log(20.0)]]), np.array([[p]])
    for level in (LOW, 0.5, HIGH):
        told = spend_figures(scatter_arrays([scatter]), logarithm, chance, (level,))[1, 0, 0]
        assert abs(np.mean(totals <= told) - level) < 0.004 or (told == 0.0 and 1.0 - p >= level)
    mean = spend_figures(scatter_arrays([scatter]), logarithm, chance)[0, 0, 0]
    assert mean == pytest.approx(totals.mean(), rel=0.02)


def test_low_is_zero_as_soon_as_nothing_is_as_likely_as_five_in_a_hundred() -> None:
    scatter = Scatter.of(np.random.default_rng(2).normal(0.0, 0.5, 1_000))
    chance = np.array([[0.90], [0.95 - 1e-9], [0.97]])
    low = spend_figures(scatter_arrays([scatter]), np.full((3, 1), 3.0), chance)[1, :, 0]
    assert low[:2].tolist() == [0.0, 0.0]
    assert low[2] > 0.0


def test_the_interval_covers_nine_of_ten_buyers_that_the_model_has_not_seen(model: SpendModel) -> None:
    X, amounts = customers(3_000, seed=2)
    scores = model.forecast(X, np.ones_like(amounts))
    covered = (scores.low <= amounts) & (amounts <= scores.high)
    assert (covered.mean(axis=0) > 0.86).all()
    assert (covered.mean(axis=0) < 0.94).all()
    assert scores.expected.sum(axis=0) == pytest.approx(amounts.sum(axis=0), rel=0.06)


def test_one_in_twenty_totals_lies_above_the_interval_however_few_buy(model: SpendModel) -> None:
    X, amounts = customers(20_000, seed=3)
    rng = np.random.default_rng(3)
    p = np.sort(rng.uniform(0.1, 0.9, amounts.shape), axis=1)
    totals = np.where(rng.random(amounts.shape) < p, amounts, 0.0)
    scores = model.forecast(X, p)
    assert (scores.low == 0.0).all()
    assert np.mean(totals > scores.high, axis=0) == pytest.approx([0.05, 0.05], abs=0.012)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2), st.floats(-3.0, 3.0))
def test_a_longer_horizon_is_never_lower(model: SpendModel, p: list[float], signal: float) -> None:
    X = np.array([[signal]], dtype=np.float32)
    scores = model.forecast(X, np.sort(np.array([p]), axis=1))
    for figure in (scores.expected, scores.low, scores.high):
        assert (np.diff(figure, axis=1) >= 0.0).all()
        assert (figure >= 0.0).all()
    assert (scores.low <= scores.high).all()


def test_a_row_alone_and_a_model_read_back_give_the_same_bits(model: SpendModel) -> None:
    X, _ = customers(150, seed=5)
    X[::9] = np.nan
    p = np.sort(np.random.default_rng(5).random((150, 2)), axis=1)
    together = model.forecast(X, p)
    again = SpendModel.from_dict(json.loads(json.dumps(model.to_dict())), model.regressor.to_text())
    alone = [again.forecast(X[row : row + 1], p[row : row + 1]) for row in range(150)]
    below = SpendScores.concatenate(alone)
    assert below is not None
    for mine, theirs in zip(
        (below.expected, below.low, below.high), (together.expected, together.low, together.high), strict=True
    ):
        assert mine.tobytes() == theirs.tobytes()


def test_columns_are_of_the_main_horizon_and_the_mean_of_every_one() -> None:
    figures = np.array([[1.0, 4.0], [2.0, 8.0]])
    scores = SpendScores(HORIZONS, figures, figures / 2.0, figures * 3.0)
    assert scores.columns("28d") | scores.detail_columns() == {
        "clv_expected": [4.0, 8.0],
        "clv_low": [2.0, 4.0],
        "clv_high": [12.0, 24.0],
        "spend_7d": [1.0, 2.0],
        "spend_28d": [4.0, 8.0],
    }
    assert scores.nested()[1]["28d"] == {"expected": 8.0, "low": 4.0, "high": 24.0}
    assert SpendScores.concatenate([]) is None

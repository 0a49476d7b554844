import numpy as np
import pytest

from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import spending
from models.spend_baselines import BuyTillYouDieForValue, MeanSpend, PastRate, spend_baselines

HORIZONS = ("7d", "28d")
NAN = float("nan")


def history(value: float, *purchase_days: float, now: float) -> list[float]:
    """Returns value, number, recency and gaps of one event, as the features of BG/NBD with values have them."""
    gaps = np.diff(purchase_days)
    recency = now - purchase_days[-1] if purchase_days else NAN
    return [value, float(len(purchase_days)), recency, NAN, gaps.mean() if len(gaps) else NAN, NAN, NAN]


def test_the_mean_is_of_what_is_known() -> None:
    baseline = MeanSpend()
    X = np.zeros((3, 1), dtype=np.float32)
    baseline.fit(X, np.array([[2.0, 10.0], [4.0, NAN], [0.0, NAN]]))
    assert baseline.predict(X[:2]).tolist() == [[2.0, 10.0], [2.0, 10.0]]


def test_the_past_rate_is_value_by_day_and_a_short_history_counts_as_the_horizon() -> None:
    X = np.array([[56.0, 56.0], [56.0, 1.0], [-5.0, 56.0], [0.0, NAN]], dtype=np.float32)
    assert PastRate(HORIZONS).predict(X).tolist() == [[7.0, 28.0], [56.0, 56.0], [0.0, 0.0], [0.0, 0.0]]


def test_bg_nbd_with_gamma_gamma_expects_more_of_frequent_recent_and_dear_customers() -> None:
    rows = [
        history(40.0, 1.0, 5.0, 9.0, 11.0, now=12.0),
        history(400.0, 1.0, 5.0, 9.0, 11.0, now=12.0),
        history(40.0, 1.0, 5.0, 9.0, 11.0, now=90.0),
        history(10.0, 1.0, now=60.0),
        history(0.0, now=60.0),
    ]
    X = np.array([row for row in rows for _ in range(40)], dtype=np.float32)
    X[:, 0] *= np.random.default_rng(1).uniform(0.7, 1.3, len(X)).astype(np.float32)
    baseline = BuyTillYouDieForValue(HORIZONS)
    amounts = np.tile([[1.0, 4.0]], (len(X), 1))
    baseline.fit(X, amounts)
    active, dear, gone, once, never = baseline.predict(np.array(rows, dtype=np.float32))
    assert (dear > 3.0 * active).all()
    assert (active > gone).all()
    assert (active > once).all()
    assert never.tolist() == [1.0, 4.0]
    assert (active[1] > active[0]) & (active[1] < 4.0 * active[0])


def test_without_values_or_repeat_purchases_everyone_gets_the_mean() -> None:
    baseline = BuyTillYouDieForValue(HORIZONS)
    for rows in ([history(5.0, 1.0, now=60.0)] * 9, [history(0.0, 1.0, 4.0, now=60.0)] * 9):
        X = np.array(rows, dtype=np.float32)
        baseline.fit(X, np.tile([[1.0, 4.0]], (9, 1)))
        assert baseline.predict(X[:1]).tolist() == [[1.0, 4.0]]


def test_baselines_rank_customers_of_a_log(log: EventLog, journey: Journey) -> None:
    snapshots = Snapshots.at(log, int(np.quantile(log.time, 0.6)))
    actual = np.column_stack([spending(log, journey, snapshots, horizon) for horizon in HORIZONS])
    for baseline in spend_baselines(HORIZONS)[1:]:
        X = baseline.features(journey, ("purchase", "visit")).compute(log, journey, snapshots)
        baseline.fit(X, actual)
        told = baseline.predict(X)
        assert told.shape == actual.shape
        assert np.corrcoef(told[:, 1], actual[:, 1])[0, 1] > 0.5
        assert told[:, 1].sum() == pytest.approx(actual[:, 1].sum(), rel=0.35)

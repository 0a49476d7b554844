import numpy as np
import pytest

from features.durations import DAY
from features.events import EventLog
from features.journey import Journey, load_journey
from features.snapshots import Snapshots, regular_cutoffs
from features.targets import NO_LABEL, Churn, NextEvent, NextStage, Purchase, Target
from models.baselines import BuyTillYouDie, Prevalence, RecencyFrequency, baselines_for, purchases_of

EVENTS = ("purchase", "campaign_mailed")


def test_prevalence_is_the_share_of_each_class() -> None:
    baseline = Prevalence(2)
    baseline.fit(np.zeros((99, 1), dtype=np.float32), np.array([1] * 33 + [0] * 66))
    assert baseline.predict_proba(np.zeros((1, 1), dtype=np.float32))[0] == pytest.approx([66.5 / 100, 33.5 / 100])


def test_recency_frequency_ranks_the_recent_above_the_long_gone() -> None:
    rng = np.random.default_rng(0)
    recency = rng.uniform(0, 100, 2000)
    X = np.column_stack([recency, *rng.uniform(0, 5, (4, 2000))]).astype(np.float32)
    baseline = RecencyFrequency(2)
    baseline.fit(X, (recency < 30).astype(np.int64))
    recent, gone = baseline.predict_proba(np.array([[1, 1, 1, 1, 1], [np.nan, 1, 1, 1, 1]], dtype=np.float32))[:, 1]
    assert recent > 0.9
    assert gone < 0.1


@pytest.mark.parametrize("target", [NextStage(), NextEvent(), Churn(), Purchase()], ids=lambda target: target.kind)
def test_every_baseline_of_a_target_gives_probabilities(target: Target, log: EventLog, journey: Journey) -> None:
    snapshots = Snapshots.grid(log, regular_cutoffs(log.start + 60 * DAY, log.end - 28 * DAY, 30 * DAY))
    y = target.labels(log, journey, snapshots, "28d")
    known = y != NO_LABEL
    classes = target.classes(journey)
    for baseline in baselines_for(target, len(classes), "28d"):
        features = baseline.features(journey, log.dimensions["event"].names)
        X = features.compute(log, journey, snapshots)
        baseline.fit(X[known], y[known])
        probabilities = baseline.predict_proba(X)
        assert probabilities.shape == (len(X), len(classes))
        assert np.allclose(probabilities.sum(axis=1), 1.0)
        assert (probabilities > 0).all()


def test_a_class_that_never_came_is_not_impossible() -> None:
    for baseline in baselines_for(NextStage(), 3, "28d"):
        features = baseline.features(load_journey("retail"), EVENTS)
        X = np.random.default_rng(1).integers(0, 4, (200, len(features.columns))).astype(np.float32)
        baseline.fit(X, np.arange(200) % 2)
        assert (baseline.predict_proba(X) > 0).all()


def test_only_a_purchase_is_measured_beside_bg_nbd() -> None:
    names = [[baseline.name for baseline in baselines_for(target, 2, "28d")] for target in (Churn(), Purchase())]
    assert names[0] == ["prevalence", "markov", "markov_2", "markov_3", "recency_frequency"]
    assert names[1] == [*names[0], "bg_nbd"]


def history(*purchase_days: float, now: float) -> list[float]:
    """Returns number, recency and gaps of one event, as the features of BG/NBD have them."""
    gaps = np.diff(purchase_days)
    missing = float("nan")
    recency = now - purchase_days[-1] if purchase_days else missing
    return [float(len(purchase_days)), recency, missing, gaps.mean() if len(gaps) else missing, missing, missing]


def test_bg_nbd_reads_its_three_numbers_from_counts_recencies_and_gaps() -> None:
    rows = [history(3.0, 10.0, 31.0, now=50.0), history(8.0, now=50.0), history(now=50.0)]
    known = purchases_of(np.array(rows, dtype=np.float32))
    assert known.frequency.tolist() == [2.0, 0.0, -1.0]
    assert np.allclose(known.recency, [28.0, 0.0, np.nan], equal_nan=True)
    assert np.allclose(known.age, [47.0, 42.0, np.nan], equal_nan=True)


def test_bg_nbd_takes_several_purchase_events_together() -> None:
    one, other = history(3.0, 10.0, now=50.0), history(1.0, 40.0, now=50.0)
    row = [one[0], other[0], one[1], other[1], *one[2:], *other[2:]]
    known = purchases_of(np.array([row], dtype=np.float32))
    assert (known.frequency[0], known.recency[0], known.age[0]) == (3.0, 39.0, 49.0)


def test_who_has_not_bought_gets_the_share_of_such_customers() -> None:
    baseline = BuyTillYouDie(28.0)
    rows = [history(1.0, 5.0, 9.0, now=12.0)] * 50 + [history(1.0, now=60.0)] * 50 + [history(now=60.0)] * 99
    baseline.fit(np.array(rows, dtype=np.float32), np.array([1] * 50 + [0] * 50 + [1] * 9 + [0] * 90))
    recent, once, never = baseline.predict_proba(np.array([rows[0], rows[50], rows[-1]], dtype=np.float32))[:, 1]
    assert never == pytest.approx(9.5 / 100)
    assert recent > once


def test_without_a_repeat_purchase_bg_nbd_is_the_prevalence() -> None:
    baseline = BuyTillYouDie(28.0)
    X = np.array([history(1.0, now=60.0)] * 99, dtype=np.float32)
    baseline.fit(X, np.array([1] * 33 + [0] * 66))
    assert baseline.predict_proba(X)[0] == pytest.approx([66.5 / 100, 33.5 / 100])

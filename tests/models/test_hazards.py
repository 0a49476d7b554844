import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit

from features.arrays import Floats
from features.durations import DAY
from features.targets import NEVER, NOTHING, Firsts, NextEvent, NextStage, Purchase
from models.classifier import BoostedClassifier, BoostingOptions
from models.hazards import ALWAYS, Bins, HazardModel, PersonPeriods, multiply_up, without_impossible
from models.temperature import BiasCorrectedTemperature

HORIZONS = ("7d", "14d", "28d")
BINS = Bins.up_to(HORIZONS)


def days(*numbers: float) -> list[int]:
    return [int(number * DAY) for number in numbers]


def test_every_horizon_is_the_end_of_a_bin() -> None:
    assert list(BINS.edges) == days(3.5, 7, 10.5, 14, 21, 28)
    assert [BINS.within(horizon) for horizon in HORIZONS] == [2, 4, 6]
    assert list(Bins.up_to(("7d", "90d")).edges)[:3] == days(3.5, 7, 7 + 83 / 24)


def test_a_person_period_is_a_bin_at_whose_start_nothing_had_come() -> None:
    firsts = Firsts(np.array([*days(5), NEVER]), np.array([2, NOTHING]))
    found = PersonPeriods.between(firsts, np.zeros(2, dtype=np.int64), BINS, ALWAYS, 10 * DAY)
    assert list(zip(found.snapshot, found.bin, found.outcome, strict=True)) == [
        (0, 0, 0),
        (1, 0, 0),
        (0, 1, 3),
        (1, 1, 0),
    ]


def test_what_comes_exactly_at_the_end_of_a_bin_is_in_it() -> None:
    firsts = Firsts(np.array(days(7)), np.array([0]))
    found = PersonPeriods.between(firsts, np.zeros(1, dtype=np.int64), BINS, ALWAYS, 28 * DAY)
    assert found.outcome.tolist() == [0, 1]


@given(
    wait=st.lists(st.integers(1, 40 * DAY), min_size=1, max_size=20),
    cutoff=st.integers(0, 100 * DAY),
    bounds=st.tuples(st.integers(0, 120 * DAY), st.integers(0, 120 * DAY)),
)
def test_nothing_outside_of_the_bounds_is_learnt(wait: list[int], cutoff: int, bounds: tuple[int, int]) -> None:
    """Whatever comes after the upper bound or before the lower one may be anything."""
    since, until = bounds
    moment = np.full(len(wait), cutoff)
    true = np.array(wait)
    unseen = cutoff + true > until
    other = np.where(unseen, true + DAY * np.arange(len(wait)), true)
    rows = [
        PersonPeriods.between(Firsts(each, np.zeros(len(wait), dtype=np.int64)), moment, BINS, since, until)
        for each in (true, other)
    ]
    assert all(
        getattr(rows[0], field).tolist() == getattr(rows[1], field).tolist() for field in ("snapshot", "bin", "outcome")
    )
    assert (cutoff + np.array(BINS.starts)[rows[0].bin] >= since).all()


random_hazards = arrays(np.float64, (5, 6, 4), elements=st.floats(0.0, 1.0)).map(
    lambda raw: (raw + 1e-12) / (raw + 1e-12).sum(axis=2, keepdims=True)
)


@given(hazards=random_hazards, impossible=arrays(np.int64, 5, elements=st.integers(-1, 2)))
def test_vectors_sum_to_one_and_are_monotone_in_the_horizon(hazards: Floats, impossible: np.ndarray) -> None:
    forecast = multiply_up(BINS, without_impossible(hazards, impossible))
    assert np.allclose(forecast.survival + forecast.incidence.sum(axis=2), 1.0, rtol=0, atol=1e-9)
    assert (np.diff(forecast.survival, axis=1) <= 0).all()
    assert (np.diff(forecast.incidence, axis=1) >= 0).all()
    rows = np.flatnonzero(impossible >= 0)
    assert (forecast.incidence[rows, :, impossible[rows]] == 0).all()
    stage = np.where(impossible >= 0, impossible, 0)
    for target in (NextStage(HORIZONS), NextEvent(HORIZONS), Purchase(HORIZONS)):
        possible = impossible >= 0 if isinstance(target, NextStage) else np.ones(5, dtype=bool)
        for end in range(6):
            vector = target.distribution(forecast.survival[:, end], forecast.incidence[:, end], stage)[possible]
            assert np.allclose(vector.sum(axis=1), 1.0, rtol=0, atol=1e-9)


def test_hazards_equal_a_loop_over_bins_written_out() -> None:
    hazards = np.array([[[0.5, 0.3, 0.2], [0.6, 0.1, 0.3]]])
    forecast = multiply_up(Bins((DAY, 2 * DAY)), hazards)
    assert forecast.survival[0] == pytest.approx([0.5, 0.3])
    assert forecast.incidence[0, 1] == pytest.approx([0.3 + 0.5 * 0.1, 0.2 + 0.5 * 0.3])


def test_the_median_lies_straight_between_the_ends_of_bins_and_is_missing_when_it_comes_later() -> None:
    hazards = np.zeros((2, 2, 2))
    hazards[0, :, 1], hazards[1, :, 1] = (0.25, 0.5), (0.1, 0.1)
    hazards[:, :, 0] = 1 - hazards[:, :, 1]
    forecast = multiply_up(Bins((2 * DAY, 4 * DAY)), hazards)
    assert forecast.median_wait[0] == pytest.approx((2 + 2 * 0.25 / 0.375) * DAY)
    assert np.isnan(forecast.median_wait[1])
    assert forecast.expected_wait[0] == pytest.approx((2 * (1 + 0.75) / 2 + 2 * (0.75 + 0.375) / 2) * DAY)


def simulated(rows: int, seed: int) -> tuple[np.ndarray, Floats, Firsts]:
    """Customers of whom two causes come at known rates that two features decide, day by day. Synthetic."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3)).astype(np.float32)
    rate = 0.03 * np.exp(0.8 * X[:, [0, 1]])
    times = rng.exponential(1.0 / rate)
    first = times.argmin(axis=1)
    wait = np.ceil(times.min(axis=1) * DAY).astype(np.int64)
    total = rate.sum(axis=1)
    within = 1.0 - np.exp(-total[:, None] * np.array([7, 14, 28]))
    return X, within[:, :, None] * (rate / total[:, None])[:, None, :], Firsts(wait, first)


def test_known_hazards_are_recovered() -> None:
    """Among customers simulated with known hazards predictions are neither too extreme nor too timid."""
    X, _, firsts = simulated(12_000, 1)
    options = BoostingOptions(rounds=300, learning_rate=0.1, num_leaves=4, min_data_in_leaf=100, threads=1)
    start = np.zeros(len(firsts), dtype=np.int64)
    fitted, later = (
        PersonPeriods.between(firsts.take(rows), start[rows], BINS, ALWAYS, 28 * DAY)
        for rows in (slice(0, 9_000), slice(9_000, 12_000))
    )
    classifier = BoostedClassifier(3, options)
    classifier.fit(fitted.matrix(X[:9_000]), fitted.outcome, ("a", "b", "noise", "bin"))
    calibrator = BiasCorrectedTemperature.fit(classifier.predict_proba(later.matrix(X[9_000:])), later.outcome)
    new, truth, _ = simulated(4_000, 2)
    forecast = HazardModel(BINS, classifier, calibrator).forecast(new, *np.full((2, len(new)), NOTHING))
    for place, horizon in enumerate(HORIZONS):
        predicted = forecast.incidence[:, BINS.within(horizon) - 1]
        for cause in range(2):
            assert 0.95 <= slope_of(predicted[:, cause], truth[:, place, cause]) <= 1.05
            assert abs(predicted[:, cause].mean() - truth[:, place, cause].mean()) < 0.01


def slope_of(predicted: Floats, actual: Floats) -> float:
    """Returns the slope of a logistic regression of what happens on the predicted log-odds; one is calibrated.

    Below one the predictions are too extreme, above one too timid (Cox, "Two further applications of a model for
    binary regression", Biometrika 45, 1958).
    """
    design = np.column_stack([np.ones(len(predicted)), logit(predicted)])
    intercept_and_slope = np.array([0.0, 1.0])
    for _ in range(12):
        fitted = expit(design @ intercept_and_slope)
        curvature = design.T @ (design * (fitted * (1.0 - fitted))[:, None])
        intercept_and_slope += np.linalg.solve(curvature, design.T @ (actual - fitted))
    return float(intercept_and_slope[1])

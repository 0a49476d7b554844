import numpy as np
import pytest

from models.period_shift import USUAL_SHIFT
from training.shifts import measured_shifts, period_shift, span
from training.train import Training

RNG = np.random.default_rng(2)


def drawn(shift: float, periods: int = 40) -> float:
    """Returns the shift that is found in periods whose odds were shifted by normal amounts."""
    rows = 3_000
    cutoff, stage = np.repeat(np.arange(periods), rows), RNG.integers(0, 3, periods * rows)
    probabilities = RNG.beta(1.0, 4.0, periods * rows)
    moved = np.repeat(RNG.normal(0.0, shift, periods), rows)
    truth = 1.0 / (1.0 + np.exp(-(np.log(probabilities / (1.0 - probabilities)) + moved)))
    y = (RNG.random(len(truth)) < truth).astype(np.int64)
    return period_shift(probabilities, y, cutoff, stage, periods)


@pytest.mark.parametrize("shift", [0.0, 0.15, 0.4])
def test_the_shift_of_many_periods_is_found(shift: float) -> None:
    known = np.sqrt((40 * shift**2 + USUAL_SHIFT**2) / 41)  # what is assumed counts as one of them
    assert drawn(shift) == pytest.approx(known, rel=0.25)


def test_one_period_near_its_promise_does_not_prove_that_all_are() -> None:
    assert drawn(0.0, periods=1) == pytest.approx(USUAL_SHIFT / np.sqrt(2), rel=0.05)


def test_customers_of_one_stage_may_be_wrong_while_the_sum_is_right() -> None:
    stage = np.repeat([0, 1], 1_000)
    y = (np.arange(2_000) < 250) | ((np.arange(2_000) >= 1_000) & (np.arange(2_000) < 1_750))
    wrong = period_shift(np.full(2_000, 0.5), y.astype(np.int64), np.zeros(2_000, dtype=np.int64), stage, 1.0)
    right = period_shift(np.full(2_000, 0.5), np.arange(2_000) % 2, np.zeros(2_000, dtype=np.int64), stage, 1.0)
    assert wrong > 2 * right


def test_overlapping_horizons_count_as_less_than_a_period_each(training: Training) -> None:
    result = next(each for each in training.results if each.name == "churn_28d")
    cutoffs = len(np.unique(result.cutoff))
    assert 1.0 < span(result) < cutoffs
    assert measured_shifts([result]).keys() == {"churn_28d"}

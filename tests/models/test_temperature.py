import numpy as np
import pytest

from features.arrays import Floats, Ints
from models.temperature import SMALLEST, BiasCorrectedTemperature, Temperature


def outcomes(truth: Floats, seed: int) -> Ints:
    passed = truth.cumsum(axis=1) < np.random.default_rng(seed).random((len(truth), 1))
    return np.minimum(passed.sum(axis=1), truth.shape[1] - 1).astype(np.int64)


def sharpened(truth: Floats, power: float, weights: Floats | float = 1.0) -> Floats:
    raised = truth**power * weights
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def loss(probabilities: Floats, y: Ints) -> float:
    return float(-np.log(probabilities[np.arange(len(y)), y]).mean())


def test_slope_by_hand() -> None:
    assert Temperature(2.0).apply(np.array([[0.2, 0.8]]))[0] == pytest.approx([0.04 / 0.68, 0.64 / 0.68])


def test_bias_by_hand() -> None:
    calibrated = BiasCorrectedTemperature(1.0, (0.0, np.log(3.0))).apply(np.array([[0.5, 0.5]]))
    assert calibrated[0] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("classes", [2, 5])
def test_scores_twice_too_steep_are_mapped_back_to_the_truth(classes: int) -> None:
    truth = np.random.default_rng(5).dirichlet(np.ones(classes), 20_000).clip(1e-3)
    truth /= truth.sum(axis=1, keepdims=True)
    skewed, y = sharpened(truth, 2.0), outcomes(truth, 6)
    calibrator = Temperature.fit(skewed, y)
    assert calibrator.slope == pytest.approx(0.5, abs=0.02)
    assert np.abs(calibrator.apply(skewed) - truth).max() < 0.03


def test_a_shifted_base_rate_needs_the_bias() -> None:
    truth = np.random.default_rng(7).dirichlet(np.ones(3), 20_000)
    skewed, y = sharpened(truth, 1.5, np.array([1.0, 4.0, 0.5])), outcomes(truth, 8)
    corrected = BiasCorrectedTemperature.fit(skewed, y).apply(skewed)
    assert np.abs(corrected - truth).max() < 0.05
    assert loss(corrected, y) < loss(Temperature.fit(skewed, y).apply(skewed), y) - 0.05


@pytest.mark.parametrize("move", [-0.02, 0.02])
def test_no_other_slope_or_bias_fits_better(move: float) -> None:
    truth = np.random.default_rng(9).dirichlet(np.ones(3), 5_000)
    skewed, y = sharpened(truth, 0.7, np.array([1.0, 2.0, 1.0])), outcomes(truth, 10)
    best = BiasCorrectedTemperature.fit(skewed, y)
    least = loss(best.apply(skewed), y)
    assert least < loss(BiasCorrectedTemperature(best.slope + move, best.bias).apply(skewed), y)
    for code in range(3):
        bias = tuple(value + move * (place == code) for place, value in enumerate(best.bias))
        assert least < loss(BiasCorrectedTemperature(best.slope, bias).apply(skewed), y)


def test_a_class_that_never_occurs_keeps_a_bounded_bias() -> None:
    truth = np.random.default_rng(11).dirichlet(np.ones(3), 500)
    bias = BiasCorrectedTemperature.fit(truth, np.arange(500) % 2).bias
    assert -10.0 <= bias[2] < min(bias[:2])


def test_certain_scores_stay_finite() -> None:
    certain = np.array([[1.0, 0.0], [0.0, 1.0]])
    for calibrator in (Temperature(2.0), BiasCorrectedTemperature(2.0, (0.0, 0.1))):
        assert np.isfinite(calibrator.apply(certain)).all()
    assert Temperature(1.0).apply(certain)[0, 1] == pytest.approx(SMALLEST, rel=1e-5)


def test_ranking_of_two_classes_never_changes() -> None:
    yes = np.sort(np.random.default_rng(12).uniform(0.001, 0.999, 200))
    calibrated = BiasCorrectedTemperature(0.6, (0.3, -0.2)).apply(np.column_stack([1 - yes, yes]))
    assert (np.diff(calibrated[:, 1]) > 0).all()

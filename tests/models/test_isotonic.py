import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from models.isotonic import Curve, Isotonic


def pooled(predicted: Floats, actual: Floats) -> Floats:
    """Pools adjacent violators pair by pair, the definition; equal predictions are one block from the start."""
    _, place, rows = np.unique(predicted, return_inverse=True, return_counts=True)
    means = np.bincount(place, weights=actual) / rows
    blocks = [[mean, float(n), 1.0] for mean, n in zip(means, rows, strict=True)]
    at = 0
    while at + 1 < len(blocks):
        (left, n, width), (right, m, more) = blocks[at : at + 2]
        if left > right:
            blocks[at : at + 2] = [[(left * n + right * m) / (n + m), n + m, width + more]]
            at = max(at - 1, 0)
        else:
            at += 1
    heights = np.concatenate([np.full(int(width), height) for height, _, width in blocks])
    return np.asarray(heights[place])


@given(rows=st.integers(3, 80), levels=st.integers(2, 40), seed=st.integers(0, 2**32 - 1))
def test_a_curve_pools_adjacent_violators(rows: int, levels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    predicted = rng.integers(0, levels, rows) / levels
    actual = (rng.random(rows) < predicted).astype(np.float64)
    share = (actual.sum() + 0.5) / (rows + 1.0)
    expected = pooled(np.append(predicted, [predicted.min(), predicted.max()]), np.append(actual, [share, share]))
    assert Curve.fit(predicted, actual).at(predicted) == pytest.approx(expected[:rows], abs=1e-7)


def test_any_rising_distortion_is_undone() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(0.02, 0.98, 40_000)
    y = (rng.random(40_000) < truth).astype(np.int64)
    step = np.where(truth < 0.5, truth**3, 0.6 + 0.4 * truth)  # no slope and bias would do
    skewed = np.column_stack([1 - step, step])
    assert np.abs(Isotonic.fit(skewed, y).apply(skewed)[:, 1] - truth).mean() < 0.02


def test_two_classes_share_one_curve() -> None:
    probabilities = np.column_stack([1 - np.linspace(0, 1, 50), np.linspace(0, 1, 50)])
    calibrator = Isotonic.fit(probabilities, np.arange(50) % 2)
    assert len(calibrator.curves) == 1
    assert (np.diff(calibrator.apply(probabilities)[:, 1]) >= 0).all()


def test_a_higher_probability_never_falls_below_a_lower_one_in_any_class() -> None:
    rng = np.random.default_rng(3)
    calibrator = Isotonic.fit(rng.dirichlet(np.ones(4), 500), rng.integers(0, 4, 500))
    assert len(calibrator.curves) == 4
    for curve in calibrator.curves:
        assert (np.diff(curve.predicted) > 0).all()
        assert (np.diff(curve.actual) >= 0).all()


@pytest.mark.parametrize("rows", [10, 1000])
def test_a_run_of_equal_answers_stays_off_zero_by_about_its_length(rows: int) -> None:
    predicted = np.linspace(0.0, 1.0, 2 * rows)
    lowest = Curve.fit(predicted, (np.arange(2 * rows) >= rows).astype(np.float64)).at(np.array([0.0]))[0]
    assert lowest == pytest.approx(0.5 / (rows + 1), rel=1e-9)


def test_beyond_the_predictions_it_was_fitted_on_a_curve_is_level() -> None:
    curve = Curve((0.2, 0.4), (0.1, 0.9))
    assert curve.at(np.array([0.0, 0.2, 0.3, 0.4, 1.0])).tolist() == pytest.approx([0.1, 0.1, 0.5, 0.9, 0.9])


def test_a_class_that_never_occurs_gets_next_to_nothing() -> None:
    rng = np.random.default_rng(4)
    probabilities = rng.dirichlet(np.ones(3), 300)
    calibrated = Isotonic.fit(probabilities, rng.integers(0, 2, 300)).apply(probabilities)
    assert 0 < calibrated[:, 2].max() < 0.001

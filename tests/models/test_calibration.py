import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from models.calibration import Calibrator


def random_probabilities(rows: int, classes: int, seed: int) -> Floats:
    return np.random.default_rng(seed).dirichlet(np.ones(classes), rows)


@given(rows=st.integers(1, 50), classes=st.integers(2, 6), seed=st.integers(0, 2**32 - 1), slope=st.floats(0.1, 5.0))
def test_rows_sum_to_one_and_do_not_depend_on_each_other(rows: int, classes: int, seed: int, slope: float) -> None:
    probabilities = random_probabilities(rows, classes, seed)
    calibrator = Calibrator(slope, tuple(np.random.default_rng(seed).normal(size=classes).tolist()))
    together = calibrator.apply(probabilities)
    assert np.allclose(together.sum(axis=1), 1.0, atol=1e-12)
    alone = np.vstack([calibrator.apply(probabilities[row : row + 1]) for row in range(rows)])
    assert together.tobytes() == alone.tobytes()


def test_identity_changes_nothing() -> None:
    probabilities = random_probabilities(20, 4, 1)
    assert np.allclose(Calibrator.identity(4).apply(probabilities), probabilities, atol=1e-6)


def test_overconfident_scores_are_mapped_back_to_the_truth() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(0.02, 0.98, 40_000)
    y = (rng.random(40_000) < truth).astype(np.int64)
    odds = (truth / (1 - truth)) ** 2.0 * 1.5  # twice too steep, and shifted
    skewed = odds / (1 + odds)
    calibrated = Calibrator.fit(np.column_stack([1 - skewed, skewed]), y).apply(np.column_stack([1 - skewed, skewed]))
    assert np.abs(calibrated[:, 1] - truth).max() < 0.03


def test_certain_scores_stay_finite() -> None:
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert np.isfinite(Calibrator(2.0, (0.0, 0.1)).apply(probabilities)).all()


def test_a_calibrator_survives_json() -> None:
    calibrator = Calibrator(1.0 / 3.0, (0.1, -0.1))
    assert Calibrator.from_dict(json.loads(json.dumps(calibrator.to_dict()))) == calibrator

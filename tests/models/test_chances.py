import numpy as np
import pytest

from models.chances import write_hazards
from models.classifier import BoostedClassifier, BoostingOptions
from models.temperature import SMALLEST, BiasCorrectedTemperature


def hazards_of(raw: np.ndarray, outcomes: int, slope: float = 0.0, bias: tuple[float, ...] = ()) -> np.ndarray:
    hazards = np.empty((*raw.shape[:2], outcomes))
    write_hazards(raw, slope, np.array(bias or (0.0,) * outcomes), SMALLEST, hazards)
    return hazards


@pytest.mark.parametrize("n_classes", [2, 4])
def test_probabilities_of_raw_scores_are_those_of_lightgbm(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3)).astype(np.float32)
    classifier = BoostedClassifier(n_classes, BoostingOptions(rounds=5, min_data_in_leaf=5, threads=1))
    classifier.fit(X, np.arange(400) % n_classes, ("a", "b", "c"))
    assert classifier.booster is not None
    raw = np.asarray(classifier.booster.predict(X, raw_score=True)).reshape(200, 2, -1)
    found = hazards_of(raw, n_classes).reshape(400, -1)
    np.testing.assert_allclose(found, classifier.predict_proba(X), rtol=0, atol=1e-15)


@pytest.mark.parametrize("outcomes", [2, 5])
def test_a_slope_calibrates_as_the_calibrator_does(outcomes: int) -> None:
    raw = np.random.default_rng(1).normal(size=(6, 3, outcomes)) * 12  # some probabilities are next to nothing
    plain = hazards_of(raw, outcomes).reshape(-1, outcomes)
    calibrator = BiasCorrectedTemperature(0.7, tuple(np.linspace(-0.5, 0.5, outcomes).tolist()))
    found = hazards_of(raw, outcomes, calibrator.slope, calibrator.bias).reshape(-1, outcomes)
    np.testing.assert_allclose(found, calibrator.apply(plain), rtol=1e-13)


def test_a_row_alone_has_the_bits_that_it_has_among_others() -> None:
    raw = np.random.default_rng(2).normal(size=(50, 11, 6))
    together = hazards_of(raw, 6, 0.8, (0.1,) * 6)
    for row in range(50):
        assert hazards_of(raw[row : row + 1], 6, 0.8, (0.1,) * 6).tobytes() == together[row : row + 1].tobytes()

import numpy as np
import pytest

from features.arrays import Floats
from models.metrics import (
    brier,
    evaluate,
    expected_calibration_error,
    is_better,
    lift,
    log_loss,
    reliability,
)


def two_classes(yes: list[float]) -> Floats:
    return np.column_stack([1 - np.array(yes), np.array(yes)])


def test_log_loss_by_hand() -> None:
    assert log_loss(two_classes([0.5, 0.8]), np.array([1, 0])) == pytest.approx(-(np.log(0.5) + np.log(0.2)) / 2)


def test_brier_by_hand() -> None:
    assert brier(two_classes([0.5, 0.8]), np.array([1, 0])) == pytest.approx((0.25 + 0.64) / 2)
    assert brier(np.array([[0.2, 0.3, 0.5]]), np.array([2])) == pytest.approx(0.04 + 0.09 + 0.25)


def test_calibration_error_by_hand() -> None:
    probabilities = two_classes([0.1] * 50 + [0.9] * 50)
    y = np.array([0] * 45 + [1] * 5 + [1] * 40 + [0] * 10)  # 10 % and 80 %
    assert expected_calibration_error(probabilities, y, bins=2) == pytest.approx((0.0 + 0.1) / 2)


def test_calibration_bins_hold_equal_mass() -> None:
    table = reliability(np.linspace(0, 1, 105) ** 3, np.zeros(105))
    assert table[:, 2].tolist() == [11.0] * 5 + [10.0] * 5
    assert (np.diff(table[:, 0]) > 0).all()


def test_lift_of_a_perfect_and_of_a_useless_score() -> None:
    y = np.array([1] * 10 + [0] * 90)
    assert lift(np.linspace(1, 0, 100), y, 0.10) == pytest.approx(10.0)
    assert lift(np.linspace(0, 1, 100), y, 0.10) == pytest.approx(0.0)


def test_a_certain_and_right_answer_is_perfect() -> None:
    metrics = evaluate(two_classes([0.0, 1.0, 1.0, 0.0]), np.array([0, 1, 1, 0]))
    assert metrics["log_loss"] == pytest.approx(0.0, abs=1e-9)
    assert (metrics["auc"], metrics["accuracy"], metrics["brier"]) == (1.0, 1.0, 0.0)


def test_better_depends_on_the_metric() -> None:
    assert is_better("auc", 0.8, 0.7)
    assert is_better("brier", 0.1, 0.2)
    assert not is_better("log_loss", 0.1, 0.1)

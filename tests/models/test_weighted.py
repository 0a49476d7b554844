import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats, Ints
from models.metrics import evaluate
from models.weighted import weighted

TWO_CLASSES = ("log_loss", "brier", "accuracy", "ece", "auc", "average_precision", "lift_10")
MANY_CLASSES = ("log_loss", "brier", "accuracy", "ece")


def random_rows(rows: int, classes: int, seed: int) -> tuple[Floats, Ints, Ints]:
    """Probabilities with many ties, answers of every class, and customers with several rows."""
    rng = np.random.default_rng(seed)
    probabilities = rng.multinomial(8, np.full(classes, 1 / classes), rows) + 0.5
    customer = np.append(np.arange(rows // 3 + 1), rng.integers(0, rows // 3 + 1, rows))[:rows]
    return probabilities / probabilities.sum(axis=1, keepdims=True), np.arange(rows) % classes, customer


@given(
    metric=st.sampled_from(TWO_CLASSES), rows=st.integers(12, 90), seed=st.integers(0, 2**32 - 1), many=st.booleans()
)
def test_a_weighted_metric_is_the_metric_of_rows_repeated(metric: str, rows: int, seed: int, many: bool) -> None:
    classes = 4 if many and metric in MANY_CLASSES else 2
    probabilities, y, customer = random_rows(rows, classes, seed)
    weights = np.random.default_rng(seed).integers(0, 4, customer.max() + 1)
    weights[customer[:2]] = 2  # a yes and a no remain
    again = np.repeat(np.arange(rows), weights[customer])
    expected = evaluate(probabilities[again], y[again])[metric]
    assert weighted(metric, probabilities, y, customer).at(weights) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("metric", TWO_CLASSES)
def test_one_each_is_the_metric_itself(metric: str) -> None:
    probabilities, y, customer = random_rows(60, 2, 3)
    once = weighted(metric, probabilities, y, customer).at(np.ones(customer.max() + 1, dtype=np.int64))
    assert once == pytest.approx(evaluate(probabilities, y)[metric], rel=1e-12)


@pytest.mark.parametrize("metric", ["auc", "average_precision", "lift_10"])
def test_ranking_without_a_yes_has_no_value(metric: str) -> None:
    probabilities, _, customer = random_rows(30, 2, 4)
    y = (customer == 0).astype(np.int64)
    weights = np.ones(customer.max() + 1, dtype=np.int64)
    weights[0] = 0
    assert math.isnan(weighted(metric, probabilities, y, customer).at(weights))

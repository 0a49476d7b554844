import numpy as np
import pytest

from training.promised import promised
from training.recipe import MODEL
from training.train import Training


def test_tenths_sum_to_what_was_predicted_and_what_happened(training: Training) -> None:
    found = promised(training.results)
    assert found.keys() == {result.name for result in training.results}
    for result in training.results:
        tenths, probabilities = found[result.name], result.probabilities[MODEL]
        rows = np.arange(len(result.y))
        is_stage = result.target.kind == "next_stage"
        predicted = 1.0 - probabilities[rows, result.stage] if is_stage else probabilities[:, 1]
        happened = (result.y != result.stage) if is_stage else result.y
        assert sum(tenth["rows"] for tenth in tenths) == len(rows)
        assert sum(tenth["expected"] for tenth in tenths) == pytest.approx(predicted.sum())
        assert sum(tenth["actual"] for tenth in tenths) == happened.sum()

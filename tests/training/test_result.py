from dataclasses import replace

import numpy as np
import pytest

from models.baselines import baselines_for
from models.metrics import evaluate, is_better
from training.recipe import MODEL
from training.result import metrics_by_name
from training.train import Training


def test_models_beat_prevalence_on_the_later_period(training: Training) -> None:
    for result in training.results:
        assert is_better("log_loss", result.metrics[MODEL]["log_loss"], result.metrics["prevalence"]["log_loss"])


def test_every_target_is_measured_beside_every_baseline(training: Training) -> None:
    for result in training.results:
        names = [baseline.name for baseline in baselines_for(result.target, len(result.classes), result.horizon)]
        assert list(result.metrics) == [MODEL, *names]
        assert len({frozenset(metrics) for metrics in result.metrics.values()}) == 1


def test_a_model_that_loses_to_a_baseline_says_so(training: Training) -> None:
    result = next(result for result in training.results if result.name == "churn_28d")
    worse = {**result.metrics, "markov": {**result.metrics["markov"], "auc": 1.0}}
    assert ("markov", "auc") in replace(result, metrics=worse).lost_to()


def test_metrics_are_those_of_the_probabilities_and_a_row_knows_its_customer(training: Training) -> None:
    told = metrics_by_name(training.results)
    for result in training.results:
        assert told[result.name][MODEL] == pytest.approx(evaluate(result.probabilities[MODEL], result.y))
        assert len(result.customer) == len(result.cutoff) == len(result.stage) == len(result.y)
        assert len(set(zip(result.customer, result.cutoff, strict=True))) == len(result.y)
        assert np.allclose(result.probabilities[MODEL].sum(axis=1), 1.0, rtol=0, atol=1e-9)

import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.targets import NO_YES, Churn, Purchase
from training.config import PeriodConfig
from training.dataset import build_dataset, check_labels
from training.periods import split_periods


def test_labelled_rows_are_exactly_those_asked_and_complete(log: EventLog, journey: Journey) -> None:
    periods = split_periods(log, "28d", PeriodConfig())
    data = build_dataset(log, journey, FeatureSet.default(log, journey), periods)
    X, y = data.labelled(data.test, Churn("28d"))
    asked = Churn("28d").is_asked(log, journey, data.test.snapshots)
    assert len(X) == len(y) == asked.sum() < len(data.test.snapshots)
    assert set(y.tolist()) == {0, 1}


def test_too_few_rows_say_how_many_are_needed() -> None:
    with pytest.raises(TrainingError, match="purchase_28d has 7 rows in the test period and needs 200"):
        check_labels(np.zeros(7, dtype=np.int64), Purchase("28d"), NO_YES, "test")


def test_one_class_only_is_named() -> None:
    with pytest.raises(TrainingError, match="only one class in the training period, 'no'"):
        check_labels(np.zeros(500, dtype=np.int64), Purchase("28d"), NO_YES, "training")

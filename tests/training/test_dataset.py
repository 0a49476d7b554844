import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.targets import NO_YES, Churn, Purchase
from features.vocabulary import Vocabulary
from tests.conftest import RECIPE
from training.dataset import Question, check_labels, combine
from training.train import MODEL, ask


@pytest.fixture(scope="module")
def question(log: EventLog, journey: Journey) -> Question:
    return ask(Vocabulary.of(log), log, journey, RECIPE)


def test_labelled_rows_are_exactly_those_asked_and_complete(
    log: EventLog, journey: Journey, question: Question
) -> None:
    test = question.dataset(log).test
    X, y = test.labelled(Churn("28d"), MODEL)
    asked = Churn("28d").is_asked(log, journey, test.snapshots)
    assert len(X) == len(y) == asked.sum() < len(test.snapshots)
    assert set(y.tolist()) == {0, 1}
    assert y.tolist() == test.answers(Churn("28d")).tolist()


@pytest.mark.parametrize("n", [1, 3])
def test_the_parts_of_a_log_combine_to_the_rows_of_the_whole(log: EventLog, question: Question, n: int) -> None:
    whole = question.dataset(log)
    dealt = [log.select(np.arange(first, log.n_customers, n)) for first in range(n)]
    nobody = log.select(np.empty(0, dtype=np.int64))
    combined = combine([question.dataset(part) for part in (*dealt, nobody)])
    assert combined.customers.tolist() == whole.customers.tolist()
    for one, other in zip(
        (combined.training, combined.calibration, combined.test),
        (whole.training, whole.calibration, whole.test),
        strict=True,
    ):
        assert one.snapshots.customer.tobytes() == other.snapshots.customer.tobytes()
        assert one.snapshots.cutoff.tobytes() == other.snapshots.cutoff.tobytes()
        assert {name: X.tobytes() for name, X in one.matrices.items()} == {
            name: X.tobytes() for name, X in other.matrices.items()
        }
        assert {name: y.tobytes() for name, y in one.labels.items()} == {
            name: y.tobytes() for name, y in other.labels.items()
        }


def test_too_few_rows_say_how_many_are_needed() -> None:
    with pytest.raises(TrainingError, match="purchase_28d has 7 rows in the test period and needs 200"):
        check_labels(np.zeros(7, dtype=np.int64), Purchase("28d"), NO_YES, "test")


def test_one_class_only_is_named() -> None:
    with pytest.raises(TrainingError, match="only one class in the training period, 'no'"):
        check_labels(np.zeros(500, dtype=np.int64), Purchase("28d"), NO_YES, "training")

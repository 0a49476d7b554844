import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.targets import NO_YES
from features.vocabulary import Vocabulary
from tests.conftest import RECIPE
from training.dataset import Question, check_labels, combine
from training.train import ask


@pytest.fixture(scope="module")
def question(log: EventLog, journey: Journey) -> Question:
    return ask(Vocabulary.of(log), log, journey, RECIPE)


def test_labels_are_those_of_the_target_that_are_known(log: EventLog, journey: Journey, question: Question) -> None:
    data = question.dataset(log)
    until = question.periods.calibrated_until
    for target in question.targets:
        for horizon in target.horizons:
            expected = target.labels(log, journey, data.snapshots, horizon, until)
            assert data.labels(target, horizon, until).tolist() == expected.tolist()
            assert len(set(expected.tolist())) > 2


def test_each_customer_is_drawn_at_every_second_cutoff(log: EventLog, question: Question) -> None:
    data, cutoffs = question.dataset(log), question.periods.cutoffs
    drawn = data.drawn(cutoffs, 2)
    number = np.searchsorted(cutoffs, data.cutoff)
    customer = data.snapshots.customer
    even = np.array([{*(number[drawn & (customer == one)] % 2)} == {0} for one in range(log.n_customers)])
    odd = np.array([{*(number[drawn & (customer == one)] % 2)} == {1} for one in range(log.n_customers)])
    assert (even | odd).all()
    assert 0.4 < even.mean() < 0.6
    assert data.drawn(cutoffs, 1).all()


@pytest.mark.parametrize("n", [1, 3])
def test_the_parts_of_a_log_combine_to_the_rows_of_the_whole(log: EventLog, question: Question, n: int) -> None:
    whole = question.dataset(log)
    dealt = [log.select(np.arange(first, log.n_customers, n)) for first in range(n)]
    nobody = log.select(np.empty(0, dtype=np.int64))
    combined = combine([question.dataset(part) for part in (*dealt, nobody)])
    assert combined.customers.tolist() == whole.customers.tolist()
    assert combined.snapshots.customer.tobytes() == whole.snapshots.customer.tobytes()
    assert combined.cutoff.tobytes() == whole.cutoff.tobytes()
    assert combined.stage.tobytes() == whole.stage.tobytes()
    assert combined.amounts.tobytes() == whole.amounts.tobytes()
    for name, X in whole.matrices.items():
        assert combined.matrices[name].tobytes() == X.tobytes()
    for kind, firsts in whole.firsts.items():
        assert combined.firsts[kind].wait.tobytes() == firsts.wait.tobytes()
        assert combined.firsts[kind].cause.tobytes() == firsts.cause.tobytes()
        assert combined.asked[kind].tobytes() == whole.asked[kind].tobytes()
    drawn = [data.drawn(question.periods.cutoffs, 2).tobytes() for data in (combined, whole)]
    assert drawn[0] == drawn[1]


def test_too_few_rows_say_how_many_are_needed() -> None:
    with pytest.raises(TrainingError, match="purchase_28d has 7 rows in the test period and needs 200"):
        check_labels(np.zeros(7, dtype=np.int64), "purchase_28d", NO_YES, "test")


def test_one_class_only_is_named() -> None:
    with pytest.raises(TrainingError, match="only one class in the training period, 'no'"):
        check_labels(np.zeros(500, dtype=np.int64), "purchase_28d", NO_YES, "training")

import os

import pytest

from features.errors import EventLogError
from features.sources.importing.processes import in_order


def squared(number: int) -> int:
    return number * number


def dying(number: int) -> int:
    os._exit(number)


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_come_in_the_order_of_the_questions(workers):
    assert list(in_order(squared, range(20), workers)) == [number * number for number in range(20)]


def test_questions_are_not_taken_far_ahead():
    asked = []

    def questions():
        for number in range(1_000):
            asked.append(number)
            yield number

    answers = in_order(squared, questions(), 1)
    next(answers)
    assert len(asked) == 1


def test_a_process_that_dies_is_one_sentence():
    with pytest.raises(EventLogError, match="died, as it does when memory runs out"):
        list(in_order(dying, [1], 2))

import numpy as np
import pytest

from features.messages import Messages
from models.contact import NOTHING, best_contact, posterior, prior_strength


def sent(*rows: tuple[int, int, int, bool]) -> Messages:
    """Returns messages of customer, channel, hour and answer."""
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Messages(("email", "push", "sms"), *columns)  # type: ignore[arg-type]


def many(customer: int, channel: int, answered: int, of: int, hour: int = 9) -> list[tuple[int, int, int, bool]]:
    return [(customer, channel, hour, number < answered) for number in range(of)]


def test_the_channel_that_is_answered_more_is_proposed():
    rows = many(0, 0, 1, 10) + many(0, 1, 9, 10) + many(1, 0, 9, 10) + many(1, 1, 1, 10)
    assert best_contact(sent(*rows), 2).channel.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        (many(0, 0, 1, 3) + many(0, 1, 1, 3), True),
        (many(0, 0, 1, 3) + many(0, 1, 1, 2), False),
        (many(0, 0, 1, 50), False),
        (many(1, 0, 1, 3) + many(1, 1, 1, 3), False),
    ],
)
def test_with_less_than_three_messages_on_two_channels_nothing_is_said(rows, known):
    found = best_contact(sent(*rows), 2)
    assert (found.channel[0] != NOTHING) == known
    assert found.hour[0] == NOTHING


def test_a_channel_that_was_hardly_tried_is_not_proposed():
    rows = many(0, 0, 1, 5) + many(0, 1, 0, 5) + many(0, 2, 1, 1) + many(1, 2, 50, 50)
    assert best_contact(sent(*rows), 2).channel[0] == 0


def test_few_messages_count_less_than_what_all_do():
    # one of three and thirty of ninety, where all answer a tenth: the few are pulled further
    counts, answers = np.array([3, 90, *[50] * 40]), np.array([1, 30, *[5] * 40])
    few, plenty = posterior(counts, answers)[:2]
    assert 0.1 < few < plenty < 1 / 3


def test_by_hand():
    # of all three messages one is answered: the mean is (1 + 1/2) / (3 + 1) = 3/8
    counts, answers = np.array([2, 1]), np.array([1, 0])
    strength = prior_strength(counts, answers, 3 / 8)
    assert posterior(counts, answers) == pytest.approx((answers + strength * 3 / 8) / (counts + strength))


def test_the_prior_is_strong_where_customers_are_alike_and_weak_where_they_differ():
    rng = np.random.default_rng(0)
    counts = np.full(500, 20)
    alike, differ = rng.binomial(20, 0.3, 500), rng.binomial(20, rng.choice([0.02, 0.9], 500))
    assert prior_strength(counts, alike, 0.3) > 100
    assert prior_strength(counts, differ, 0.46) < 2


def test_the_hour_is_that_of_the_customer_or_else_of_all():
    crowd = [row for who in range(2, 40) for row in many(who, who % 2, 4, 5, 8) + many(who, who % 2, 1, 5, 18)]
    evening = many(0, 0, 0, 20, 8) + many(0, 1, 19, 20, 18)
    unknown = many(1, 0, 1, 3, 8) + many(1, 1, 1, 3, 18)
    assert best_contact(sent(*crowd, *evening, *unknown), 40).hour[:2].tolist() == [18, 8]


def test_an_hour_that_was_hardly_tried_is_not_proposed():
    rows = [row for who in range(40) for row in many(who, 0, 1, 3, 9) + many(who, 1, 1, 3, 15)] + many(0, 0, 1, 1, 3)
    assert 3 not in best_contact(sent(*rows), 40).hour.tolist()


def test_without_messages_nothing_is_said_of_anybody():
    nothing = Messages((), *(np.empty(0, dtype=kind) for kind in (int, int, int, bool)))
    found = best_contact(nothing, 3)
    assert (found.channel.tolist(), found.hour.tolist()) == ([NOTHING] * 3, [NOTHING] * 3)

import pytest

from serving.rate import RateLimit


def test_as_many_as_in_a_second_may_come_at_once() -> None:
    limit = RateLimit(4)
    assert [limit.wait("a", 0.0) for _ in range(5)] == [0, 0, 0, 0, 0.25]


def test_who_waits_as_told_is_let_in_and_waiting_longer_saves_up_no_more_than_a_second() -> None:
    limit = RateLimit(2)
    waits = [limit.wait("a", 0.0) for _ in range(3)]
    assert limit.wait("a", waits[2] - 0.01) > 0
    assert limit.wait("a", waits[2]) == 0
    assert [limit.wait("a", 100.0) for _ in range(3)] == [0, 0, 0.5]


def test_callers_do_not_share_a_limit() -> None:
    limit = RateLimit(1)
    assert [limit.wait(caller, 0.0) for caller in "abab"] == [0, 0, 1, 1]


def test_a_limit_below_one_lets_one_in_now_and_then() -> None:
    limit = RateLimit(0.1)
    assert limit.wait("a", 0.0) == 0
    assert limit.wait("a", 5.0) == pytest.approx(5.0)
    assert limit.wait("a", 10.0) == 0

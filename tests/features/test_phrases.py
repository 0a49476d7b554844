import math

from features.phrases import days, number, plural, within


def test_a_number_without_bound_is_said_too() -> None:
    assert number(math.inf) == "a number without bound"
    assert days(math.inf) == "a time without bound"


def test_large_numbers_are_whole_and_grouped() -> None:
    assert (number(123456.7), number(-0.017)) == ("123,457", "-0.017")


def test_names_with_regular_plurals() -> None:
    assert [plural(noun) for noun in ("day", "price", "box")] == ["days", "prices", "boxes"]


def test_windows_of_every_unit() -> None:
    assert [within(window) for window in ("45s", "30m", "2h", "1d")] == [
        "in the last 45 seconds",
        "in the last 30 minutes",
        "in the last 2 hours",
        "in the last day",
    ]

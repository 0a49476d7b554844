import pytest

from features.durations import DAY, parse_duration, whole_days
from features.errors import FeatureError


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("1s", 10**6),
        ("30m", 30 * 60 * 10**6),
        ("24h", DAY),
        ("7d", 7 * DAY),
        ("1w", 7 * DAY),
        ("999999d", 999_999 * DAY),
    ],
)
def test_a_duration_is_whole_microseconds(text, microseconds):
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5d", "7 d", "7D", "1y", "1000000d", "7d ", 7, None])
def test_a_duration_without_unit_or_size_is_an_error(text):
    with pytest.raises(FeatureError, match="has no unit or no size; write a number and s, m, h, d or w, like '7d'"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "days"), [("1h", 1), ("36h", 2), ("7d", 7), ("2w", 14)])
def test_whole_days_are_rounded_and_at_least_one(text, days):
    assert whole_days(text) == days

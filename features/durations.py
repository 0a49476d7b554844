"""Durations with a unit, such as "7d" or "30m", as whole microseconds: the one time unit inside nextstage."""

import re
from functools import lru_cache

from features.errors import FeatureError

MICROSECONDS = {"s": 10**6, "m": 60 * 10**6, "h": 3_600 * 10**6, "d": 86_400 * 10**6, "w": 7 * 86_400 * 10**6}
DAY = MICROSECONDS["d"]

LIFETIME = "lifetime"
"""The window that reaches back to the customer's first event."""


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> int:
    """Returns a duration in microseconds.

    Raises
    ------
    FeatureError
        If the text is not a positive whole number followed by one of s, m, h, d, w.

    Examples
    --------
    >>> parse_duration("2h")
    7200000000
    """
    match = re.fullmatch(r"(\d{1,6})([smhdw])", str(text))
    if match is None or int(match[1]) == 0:
        raise FeatureError(f"duration {text!r} has no unit or no size; write a number and s, m, h, d or w, like '7d'")
    return int(match[1]) * MICROSECONDS[match[2]]


def whole_days(text: str) -> int:
    """Returns a duration rounded to whole days, at least one.

    Examples
    --------
    >>> whole_days("4w")
    28
    """
    return max(1, round(parse_duration(text) / DAY))

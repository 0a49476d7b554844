"""Plain English for names, numbers, durations and windows."""

import math
import re
from functools import cache

from features.durations import DAY, LIFETIME, MICROSECONDS
from features.events import CHANNEL, EVENT
from features.labels import spoken as spoken  # of use to every sentence
from features.plan import ALL, OTHER, STAGE, Group

UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def words(name: str) -> str:
    """Returns a name as it would be spoken, braces doubled so that it may stand in a template."""
    return spoken(name).replace("{", "{{").replace("}", "}}")


@cache
def plural(noun: str) -> str:
    """Returns the plural of a regular noun.

    Examples
    --------
    >>> plural("channel"), plural("category"), plural("status"), plural("product class")
    ('channels', 'categories', 'statuses', 'product classes')
    """
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|ch|sh)$", noun) else f"{noun}s"


def number(value: float) -> str:
    """Returns a number with about two digits that count.

    Examples
    --------
    >>> [number(value) for value in (3.0, 0.1234, 12.34, 1234.5, -0.5, 0.004)]
    ['3', '0.12', '12', '1,234', '-0.5', '0.004']
    """
    if not math.isfinite(value):
        return "a number without bound"
    return f"{value:,.0f}" if abs(value) >= 10 or value == round(value) else f"{value:.2g}"


def amount(value: float, noun: str) -> str:
    """Returns a number of things.

    Examples
    --------
    >>> amount(1, "day"), amount(2.4, "session"), amount(0, "category")
    ('1 day', '2.4 sessions', '0 categories')
    """
    return f"{number(value)} {noun if number(value) == '1' else plural(noun)}"


def times(value: float) -> str:
    """Returns how often.

    Examples
    --------
    >>> times(1), times(2), times(3)
    ('once', 'twice', '3 times')
    """
    return {1.0: "once", 2.0: "twice"}.get(value, f"{number(value)} times")


def days(value: float) -> str:
    """Returns a duration given in days; less than one is given in hours.

    Examples
    --------
    >>> days(41.2), days(1.3), days(0.25), days(0.01)
    ('41 days', '1 day', '6 hours', 'less than an hour')
    """
    if not math.isfinite(value) or value >= 1:
        return amount(round(value), "day") if math.isfinite(value) else "a time without bound"
    hours = round(value * DAY / MICROSECONDS["h"])
    return amount(hours, "hour") if hours else "less than an hour"


def within(window: str) -> str:
    """Returns a window as the end of a sentence.

    Examples
    --------
    >>> within("28d"), within("1w"), within("lifetime")
    ('in the last 28 days', 'in the last week', 'so far')
    """
    return "so far" if window == LIFETIME else f"in the last {span(window)}"


def span(window: str) -> str:
    """Returns the length of a window.

    Examples
    --------
    >>> span("28d"), span("1w")
    ('28 days', 'week')
    """
    size, unit = int(window[:-1]), UNITS[window[-1]]
    return unit if size == 1 else amount(size, unit)


def thing(group: Group) -> str:
    """Returns what a group of events is about.

    Examples
    --------
    >>> thing(Group("event", "purchase")), thing(Group("channel", "e-mail")), thing(Group("stage", "loyal"))
    ('purchase', 'activity by e-mail', "activity of stage 'loyal'")
    >>> thing(Group("all")), thing(Group("event", "other", excluding=("purchase",)))
    ('activity', 'event of another kind')
    """
    name = words(group.value)
    if group.by == ALL:
        return "activity"
    if group.excluding is not None and group.value == OTHER:
        return "event of another kind" if group.by == EVENT else f"activity with another {words(group.by)}"
    if group.by == EVENT:
        return name
    if group.by == STAGE:
        return f"activity of stage '{name}'"
    return f"activity by {name}" if group.by == CHANNEL else f"activity with {words(group.by)} '{name}'"

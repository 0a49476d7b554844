"""Whether the options of an aggregation are of the types it declares: YAML and JSON hand over anything."""

from dataclasses import fields
from types import NoneType
from typing import Any, get_args, get_origin

from features.durations import LIFETIME, parse_duration
from features.errors import FeatureError

WORDS = {str: "a text", int: "a whole number", tuple: "a list of texts", NoneType: "nothing"}


def freeze_options(aggregation: Any) -> None:
    """Turns lists into tuples and makes sure that every option is of its declared type.

    Raises
    ------
    FeatureError
        If one is not.
    """
    for field in fields(aggregation):
        value = getattr(aggregation, field.name)
        if isinstance(value, list):
            value = tuple(value)
            object.__setattr__(aggregation, field.name, value)  # the one moment at which frozen data is still made
        kinds = get_args(field.type) if NoneType in get_args(field.type) else (field.type,)
        if not any(_fits(value, kind) for kind in kinds):
            wanted = " or ".join(WORDS[get_origin(kind) or kind] for kind in kinds)
            raise FeatureError(f"{type(aggregation).__name__}: option '{field.name}' is {value!r}; give {wanted}")


def at_least_one(aggregation: Any, *names: str) -> None:
    """Makes sure that options which count something are positive."""
    for name in names:
        number = getattr(aggregation, name)
        if number is not None and number < 1:
            raise FeatureError(f"{type(aggregation).__name__}: option '{name}' is {number}; give 1 or more")


def check_windows(name: str, windows: tuple[str, ...]) -> None:
    """Makes sure that there is a window, that each has a unit, and that no two are the same.

    Parameters
    ----------
    name
        What errors call the aggregation.
    """
    if not windows:
        raise FeatureError(f"{name}: option 'windows' is empty; give at least one, like '28d' or '{LIFETIME}'")
    known: dict[int | str, str] = {}
    for window in windows:
        length = window if window == LIFETIME else parse_duration(window)
        if length in known:
            raise FeatureError(f"{name}: windows '{known[length]}' and '{window}' are as long; remove one of them")
        known[length] = window


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, kind) and not isinstance(value, bool)  # True is an int to Python

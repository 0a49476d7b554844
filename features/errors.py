"""The errors a user can meet: one sentence each that says what was given, what was expected and what to do."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches

MOST_LISTED = 10

RowName = Callable[[int], str]
"""Says how to call the row at a position in an error message."""


class NextstageError(ValueError):
    """Anything wrong with what a user handed in; its message is fit to be shown as it is."""


class EventLogError(NextstageError):
    """Raised when events cannot become an EventLog."""


class JourneyError(NextstageError):
    """Raised when a journey file is malformed or does not fit the log."""


class FeatureError(NextstageError):
    """Raised when an aggregation or feature set is malformed or does not fit the log."""


class PartitionError(NextstageError):
    """Raised when a partition folder is missing, incomplete or damaged, or when its workers cannot do their work."""


class ConfigError(NextstageError):
    """Raised when nextstage.yaml or an option is wrong."""


class TrainingError(NextstageError):
    """Raised when there is too little data, or too little variety in it, to train on."""


class PredictorError(NextstageError):
    """Raised when a saved Predictor is damaged or does not match its fingerprint."""


class LanguageError(NextstageError):
    """Raised when a language or a message in it is missing or malformed."""


class PromotionError(NextstageError):
    """Raised when a version does not earn the place of the champion."""


class StoreError(NextstageError):
    """Raised when the event store lacks what was asked of it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Returns a hint that names the closest known word, or lists what is known.

    Examples
    --------
    >>> did_you_mean("purchse", ["purchase", "email"])
    "did you mean 'purchase'?"
    >>> did_you_mean("xyz", ["purchase", "email"])
    'known: email, purchase'
    """
    known = sorted(set(known))
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = [*known[:MOST_LISTED], *(["and more"] if len(known) > MOST_LISTED else [])]
    return f"known: {', '.join(shown) or 'none'}"


def numbered_row(position: int) -> str:
    """Calls a row by its number, counted from one.

    Examples
    --------
    >>> numbered_row(0)
    'row 1'
    """
    return f"row {position + 1}"

"""The errors that only the service can meet."""

from collections.abc import Collection
from typing import Any

from features.errors import MOST_LISTED, NextstageError, StoreError, did_you_mean
from serving.languages.messages import ENGLISH, Messages, messages

LONGEST = 120  # characters of what an address asks for that a sentence repeats


class UnknownCustomerError(StoreError):
    """Raised when the store holds no events of a customer."""


class UnknownCampaignError(StoreError):
    """Raised when the store knows no campaign of a name."""


class RequestError(NextstageError):
    """Raised when a request's body says something that cannot be answered."""


class PageError(RequestError):
    """Raised when an address of the dashboard asks for what is not there; a page says it in the reader's language.

    Parameters
    ----------
    kind
        The message under ``error`` that says it.
    given
        What was asked for.
    known
        What could have been; it fills the place ``hint`` of the message.
    """

    def __init__(self, kind: str, given: str, known: Collection[str] = (), **values: Any) -> None:
        self._kind, self._given, self._known, self._values = kind, given, known, values
        super().__init__(self.said(messages(ENGLISH)))

    def said(self, spoken: Messages) -> str:
        """Returns the sentence in a language."""
        given, hint = f"{self._given!r:.{LONGEST}}", self._hint(spoken)
        return spoken.text(f"error.{self._kind}", given=given, hint=hint, **self._values)

    def _hint(self, spoken: Messages) -> str:
        if not self._known:
            return spoken.text("error.nothing_known")
        if spoken.language == ENGLISH:
            return did_you_mean(self._given, self._known)
        names = sorted(self._known)
        return spoken.text("error.known", names=", ".join(names[:MOST_LISTED]) + "…" * (len(names) > MOST_LISTED))


class MalformedBodyError(RequestError):
    """Raised when a request's body is not JSON."""


class BodySizeError(RequestError):
    """Raised when a request's body is larger than the service reads."""


class UnknownKeyError(RequestError):
    """Raised when a request carries no key that works."""


class ScopeError(RequestError):
    """Raised when a request's key, or the place it comes from, does not open the route."""


class RateError(RequestError):
    """Raised when a key asks more often than it may.

    Parameters
    ----------
    wait
        Seconds until it may ask again.
    """

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait

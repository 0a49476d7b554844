"""The errors that only the service can meet."""

from features.errors import NextstageError, StoreError


class LanguageError(NextstageError):
    """Raised when a language or a message in it is missing or malformed."""


class UnknownCustomerError(StoreError):
    """Raised when the store holds no events of a customer."""


class UnknownCampaignError(StoreError):
    """Raised when the store knows no campaign of a name."""


class RequestError(NextstageError):
    """Raised when a request's body says something that cannot be answered."""


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

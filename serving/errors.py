"""The errors that only the service can meet."""

from features.errors import NextstageError, StoreError


class UnknownCustomerError(StoreError):
    """Raised when the store holds no events of a customer."""


class RequestError(NextstageError):
    """Raised when a request's body says something that cannot be answered."""


class MalformedBodyError(RequestError):
    """Raised when a request's body is not JSON."""


class BodySizeError(RequestError):
    """Raised when a request's body is larger than the service reads."""

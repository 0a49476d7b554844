"""The errors of segments."""

from features.errors import StoreError
from serving.errors import RequestError


class SegmentError(RequestError):
    """Raised when a segment contradicts itself, or does not fit the customers it is asked of."""


class ExpressionError(SegmentError):
    """Raised when an expression cannot be read, or asks for what is not there.

    Parameters
    ----------
    position
        Of the character that is wrong, counted from zero.
    """

    def __init__(self, position: int, message: str) -> None:
        super().__init__(f"where, character {position + 1}: {message}")
        self.position = position


class UnknownSegmentError(StoreError):
    """Raised when the store keeps no segment of a name."""


class NoScoresError(StoreError):
    """Raised when nobody has been scored yet."""

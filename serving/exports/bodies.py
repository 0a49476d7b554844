"""Request bodies: rows cut to what one request of the receiver may hold."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from serving.exports.score_fields import Row, ScoreField

Body = dict[str, Any]


class Receiver(Protocol):
    """A tool that takes scores by requests."""

    @property
    def most(self) -> int:
        """How many customers one request may hold."""
        ...

    @property
    def key(self) -> str:
        """The column that the receiver knows customers by."""
        ...

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body | str:
        """Returns the body of one request: what becomes JSON, or the text itself."""
        ...


def bodies(receiver: Receiver, rows: Iterable[Row], fields: tuple[ScoreField, ...]) -> Iterator[Body | str]:
    """Yields request bodies, none of which holds more customers than the receiver takes."""
    waiting = iter(rows)
    while block := list(islice(waiting, receiver.most)):
        yield receiver.body(block, fields)

"""What a row of another tool's export says, in our words: events, identities, consents and traits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

GRANTED, DENIED, REVOKED = "granted", "denied", "revoked"

EXTRA_DIMENSIONS = (
    "session_id",
    "order_id",
    "product_id",
    "category",
    "campaign",
    "page",
    "device",
    "country",
    "currency",
)
EXTRA_MEASURES = ("quantity", "duration", "pages", "engaged")


class Event(NamedTuple):
    """Something that a person did.

    Times are UTC microseconds. ``customer`` is the id the business knows, ``anonymous`` that of a browser or device;
    one of them is there. Of events with one ``event_id`` the highest ``revision`` gives the values. ``duration`` is in
    seconds, ``engaged`` 0 or 1, ``value`` in the currency of the source; that of a refund is negative or missing.
    """

    customer: str | None
    anonymous: str | None
    time: int
    event: str
    event_id: str
    known: int | None = None
    revision: int = 0
    channel: str | None = None
    value: float | None = None
    session_id: str | None = None
    order_id: str | None = None
    product_id: str | None = None
    category: str | None = None
    campaign: str | None = None
    page: str | None = None
    device: str | None = None
    country: str | None = None
    currency: str | None = None
    quantity: float | None = None
    duration: float | None = None
    pages: float | None = None
    engaged: float | None = None


class Link(NamedTuple):
    """From this time on an anonymous id is known to be a customer."""

    customer: str
    anonymous: str
    time: int
    known: int | None = None


class Consent(NamedTuple):
    """From this time on a person allows to be profiled, or does not."""

    customer: str | None
    anonymous: str | None
    time: int
    known: int | None
    state: str
    source: str


class Trait(NamedTuple):
    """From this time on an attribute of a person has this value."""

    customer: str | None
    anonymous: str | None
    time: int
    known: int | None
    name: str
    value: str | float | None


class Aside(NamedTuple):
    """A sound row that is no event, and why."""

    reason: str


Record = Event | Link | Consent | Trait | Aside


class Refused(Exception):  # noqa: N818 - an answer to one row, not an error of the program
    """A row that cannot be taken.

    Parameters
    ----------
    reason
        What is wrong, the same words for every such row, so that they can be counted.
    detail
        The cell that is wrong, shortened: reports are read by people who need not see whole rows.
    """

    def __init__(self, reason: str, detail: object = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = shortened(detail)


LONGEST_DETAIL = 80


def shortened(detail: object) -> str:
    """Returns the beginning of a cell's text."""
    text = str(detail)
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


Numbered = tuple[int, Any]
"""A line number, counted from one, and a raw row; a Refused in place of a row that could not even be read."""


class Format(Protocol):
    """How one tool writes its exports: the only thing that differs between imports."""

    def prepared(self, files: tuple[Path, ...]) -> "Format":
        """Returns the format for these files, which may have to be known together; raises if one is unusable."""
        ...

    def rows(self, file: Path) -> Iterable[Numbered]:
        """Returns the raw rows of a file, of which one is held at a time."""
        ...

    def records(self, row: Any) -> Iterable[Record]:
        """Returns what a raw row says; raises ``Refused`` if it cannot be told."""
        ...


@dataclass(frozen=True)
class Options:
    """What the user says about an export that the export does not say itself.

    Parameters
    ----------
    timezone
        The zone of times that carry none.
    known_at
        UTC microseconds; when rows became known whose format does not say it.
    customer
        The column of the customer id, where the format leaves a choice.
    names
        Our names for events that only the business knows, such as goals.
    date_format
        How dates are written, in the signs of ``strptime``, where the format does not say it.
    nps, csat
        Survey questions answered from 0 to 10 and from 1 to 5; None leaves it to a guess.
    """

    timezone: str | None = None
    known_at: int | None = None
    customer: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    nps: tuple[str, ...] | None = None
    csat: tuple[str, ...] | None = None

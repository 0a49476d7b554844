"""What one message of Segment's specification says, in our own words; the tracking API and the importer share it.

Track keeps the name of its event, page and screen become ``Page Viewed`` and ``Screen Viewed``. The medium of a
campaign, or else its source, says the channel. Traits become attributes, but for those that only say who somebody is.
https://segment.com/docs/connections/spec/
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from features.errors import EventLogError, did_you_mean
from features.sources.importing.cells import LARGEST
from features.sources.segment_properties import channel_of_event, settled_order, told_columns, value_names

KINDS = ("track", "identify", "page", "screen", "group", "alias")
VIEWS = {"page": "Page Viewed", "screen": "Screen Viewed"}
SOURCE = "segment"
"""What the consents that it withdraws say of where they come from."""
OPT_OUT = "Unsubscribed"
SKEW = 60 * 10**6  # microseconds by which a device's clock may be wrong before it is corrected
LONGEST = 500  # characters of an id or a name, as everywhere in the API
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # some databases know no NUL, and half a surrogate pair is no text at all
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHO = ("id", "email", "phone", "name", "firstName", "lastName", "username", "birthday")
IDENTIFYING = frozenset((*WHO, "avatar", "website", "description", "title", "createdAt"))
"""Reserved traits that say who somebody is: no model learns from them, so they are not kept."""

Scalar = str | int | float


class MessageError(EventLogError):
    """A message that cannot be read; ``reason`` says why in the same words for every such message."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class SegmentMessage:
    """What a message says.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    customer_id
        The ``userId``, or the ``anonymousId`` of somebody who is not known yet.
    timestamp
        When it happened, UTC microseconds; corrected if the device's clock was wrong.
    known_at
        When the collector received it, UTC microseconds; None if the message does not say.
    message_id
        The same for every copy of a message.
    event
        The name of the event; None for a message that is none.
    previous_id
        Another id of the same customer, if the message names one.
    properties, attributes
        Texts of at most ``LONGEST`` characters and numbers up to ``LARGEST``; what is nested is left out of properties,
        but for what ``told_columns`` finds there, and becomes attributes such as ``address_city``.
    opts_out
        Whether the customer unsubscribed.
    """

    kind: str
    customer_id: str
    timestamp: int
    known_at: int | None = None
    message_id: str | None = None
    event: str | None = None
    channel: str | None = None
    value: float | None = None
    previous_id: str | None = None
    properties: Mapping[str, Scalar] = field(default_factory=dict)
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    opts_out: bool = False

    @property
    def joined_at(self) -> int:
        """When it joins the customer's history."""
        return self.timestamp if self.known_at is None else max(self.timestamp, self.known_at)


def read_message(message: Mapping[str, Any], names: Mapping[str, str] | None = None) -> SegmentMessage:
    """Returns what a message says.

    Parameters
    ----------
    names
        Our names for events, by theirs.

    Raises
    ------
    MessageError
        If it is of no known type, names nobody or no event, or has a time or value that cannot be read.
    """
    kind = message.get("type")
    if kind not in KINDS:
        sentence = f"type {kind!r} is no type of message; {did_you_mean(str(kind), KINDS)}"
        raise MessageError(sentence, "the call has an unknown type")
    known, anonymous = _text(message, "userId"), _text(message, "anonymousId")
    customer = known or anonymous
    if customer is None:
        sentence = f"the {kind} message has no 'userId' and no 'anonymousId'; give one of them"
        raise MessageError(sentence, "the row names no customer")
    timestamp, known_at = _moments(message)
    properties = _mapping(message, "properties") if kind in ("track", "page", "screen") else {}
    event, value = _event(message, kind), None
    if event is not None:
        event = (names or {}).get(event, event)
        event, value = settled_order(event, _value(properties, value_names(event)))
    return SegmentMessage(
        kind=kind,
        customer_id=customer,
        timestamp=timestamp,
        known_at=known_at,
        message_id=_text(message, "messageId"),
        event=event,
        channel=None if event is None else channel_of_event(event, _mapping(message, "context")),
        value=value,
        previous_id=_previous(message, kind, customer, anonymous),
        properties={} if event is None else {**told_columns(message), **_scalars(properties)},
        attributes=_attributes(message, kind),
        opts_out=event == OPT_OUT,
    )


def _event(message: Mapping[str, Any], kind: str) -> str | None:
    if kind != "track":
        return VIEWS.get(kind)
    event = _text(message, "event")
    if event is None:
        raise MessageError("the track message has no 'event'; give its name", "the event has no name")
    return event


def _previous(message: Mapping[str, Any], kind: str, customer: str, anonymous: str | None) -> str | None:
    """Returns the id by which the customer was known before: an alias says so, and so does an identify with both."""
    if kind == "alias":
        previous = _text(message, "previousId")
        if previous is None:
            sentence = "the alias message has no 'previousId'; give the id that it replaces"
            raise MessageError(sentence, "the alias has no previousId")
    else:
        previous = anonymous if kind == "identify" else None
    return previous if previous != customer else None


def _moments(message: Mapping[str, Any]) -> tuple[int, int | None]:
    """Returns when it happened and when it was received.

    A time stamp that Segment passed on is corrected already and comes with its ``originalTimestamp``; a device says by
    ``sentAt`` what its clock showed when it sent the message.
    """
    given, sent, received = (_moment(message, name) for name in ("timestamp", "sentAt", "receivedAt"))
    if given is None:
        given = _moment(message, "originalTimestamp") or received
    elif sent is not None and received is not None and message.get("originalTimestamp") is None:
        given += received - sent if abs(received - sent) > SKEW else 0
    if given is None:
        sentence = "the message has neither 'timestamp' nor 'receivedAt'; give the time of the event"
        raise MessageError(sentence, "the time is missing")
    return given, received


def _moment(message: Mapping[str, Any], name: str) -> int | None:
    text = message.get(name)
    if text is None:
        return None
    if isinstance(text, str):
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None and 1900 < moment.year < 2261:
                return (moment - EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            pass
    from features.timestamps import parse_moment  # loads pandas, which costs each process that reads an export 100 MB

    try:
        return parse_moment(str(text), name=name)  # knows more forms, and says what is wrong
    except EventLogError as problem:
        raise MessageError(str(problem), "the time cannot be read or has no zone") from None


def _value(properties: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    """Returns the first of some properties that is there, as a number."""
    for name in names:
        value = properties.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not abs(number) <= LARGEST:
            sentence = f"property '{name}' is no number up to {LARGEST:g}: {repr(value)[:40]}"
            raise MessageError(f"{sentence}; give a number or leave it out", "a number cannot be read")
        return number
    return None


def _attributes(message: Mapping[str, Any], kind: str) -> dict[str, Scalar]:
    traits = _mapping(message, "traits") if kind in ("identify", "group") else {}
    if kind == "group":
        group = _text(message, "groupId")
        named = {f"group_{name}": value for name, value in _scalars(traits).items() if name != "id"}
        return {**({"group_id": group} if group else {}), **named}
    nested = {
        f"{name}_{inner}": value
        for name, inside in traits.items()
        if isinstance(inside, dict)
        for inner, value in _scalars(inside).items()
        if inner not in (*IDENTIFYING, "street")
    }
    return {name: value for name, value in _scalars(traits).items() if name not in IDENTIFYING} | nested


def _scalars(values: Mapping[str, Any]) -> dict[str, Scalar]:
    """Returns the texts and numbers that can be stored; true and false are 1 and 0."""
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in values.items()
        if _fits(name) and (_fits(value) if isinstance(value, str) else _is_number(value))
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= LARGEST


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _text(values: Mapping[str, Any], name: str) -> str | None:
    """Returns a text, a number as one; None for what is missing or empty."""
    value = values.get(name)
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _fits(text):
        sentence = f"'{name}' is no text of at most {LONGEST} characters: {str(value)[:40]!r}; correct it"
        raise MessageError(sentence, "an id or a name is no text that can be stored")
    return text


def _fits(text: str) -> bool:
    return len(text) <= LONGEST and UNSTORABLE.search(text) is None

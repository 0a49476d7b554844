"""Segment: the calls of its Spec, one JSON object a line, as its storage destinations write them.

https://segment.com/docs/connections/spec/
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from features.sources.importing.cells import decoded, number, text
from features.sources.importing.lines import JsonRows
from features.sources.importing.records import (
    REVOKED,
    Aside,
    Consent,
    Event,
    Link,
    Numbered,
    Options,
    Record,
    Refused,
    Trait,
)
from features.sources.segment_message import SOURCE, MessageError, SegmentMessage, read_message

DECODER: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])
COLUMNS = ("order_id", "product_id", "category", "campaign", "page", "device", "currency")


@dataclass(frozen=True)
class Segment:
    """Calls of Segment's Spec, read as by the tracking API; ``receivedAt`` says when each became known."""

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "Segment":
        """Returns itself: each call speaks for itself."""
        del files
        return self

    def rows(self, file: Path) -> Iterable[Numbered]:
        """Returns each line."""
        return JsonRows(file)

    def records(self, row: bytes) -> Iterable[Record]:
        """Returns the event, who somebody turned out to be, traits and a withdrawn consent."""
        try:
            call: dict[str, Any] = decoded(DECODER, row)
            message = read_message(call, self.options.names)
        except MessageError as problem:
            raise Refused(problem.reason, problem) from None
        who, time = message.customer_id, message.timestamp
        known = self.options.known_at if message.known_at is None else message.known_at
        records: list[Record] = []
        if message.previous_id is not None:
            records.append(Link(who, message.previous_id, time, known))
        records += [Trait(None, who, time, known, name, value) for name, value in message.attributes.items()]
        if message.event is not None:
            records.append(_event(message, message.event, known))
        if message.opts_out:
            records.append(Consent(None, who, time, known, REVOKED, SOURCE))
        return records or (Aside(f"{message.kind}: no event, attribute or identity"),)


def _event(message: SegmentMessage, name: str, known: int | None) -> Event:
    if message.message_id is None:
        raise Refused("the call has no messageId")
    event = Event(
        customer=None,  # even an id that the business knows may have become another one
        anonymous=message.customer_id,
        time=message.timestamp,
        event=name,
        event_id=message.message_id,
        known=known,
        channel=message.channel,
        value=message.value,
        quantity=number(message.properties.get("quantity")),
    )
    said: dict[str, Any] = {column: text(message.properties.get(column)) for column in COLUMNS}
    return event._replace(**said)

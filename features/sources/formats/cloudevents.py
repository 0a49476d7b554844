"""CloudEvents 1.0 in JSON: one event a line, or a batch as one array.

https://github.com/cloudevents/spec
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from features.sources.importing.cells import decoded, number, refund, text
from features.sources.importing.lines import JsonRows
from features.sources.importing.moments import moment, zone_named
from features.sources.importing.records import (
    EXTRA_DIMENSIONS,
    EXTRA_MEASURES,
    Event,
    Numbered,
    Options,
    Record,
    Refused,
)

VERSION = "1.0"
VALUES = ("value", "revenue", "total", "amount")
MONEY_BACK = ("Order Refunded", "Order Cancelled")


class Envelope(Struct, gc=False):
    """The context attributes that are read, and the data."""

    id: str
    source: str
    specversion: str
    type: str
    subject: str | None = None
    time: str | None = None
    data: Any = None
    data_base64: str | None = None


DECODER = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True)
class CloudEvents:
    """Events in the envelope of CloudEvents 1.0.

    The customer is the ``subject``, or the field of ``data`` that ``options.customer`` names. ``options.names`` gives
    our names for types; others keep theirs. Fields of ``data`` that are called like our columns are taken.
    """

    options: Options = field(default_factory=Options)

    def prepared(self, files: tuple[Path, ...]) -> "CloudEvents":
        """Returns itself: each event speaks for itself."""
        del files
        return self

    def rows(self, file: Path) -> Iterable[Numbered]:
        """Returns each line, or each item of an array."""
        return JsonRows(file)

    def records(self, row: bytes) -> Iterable[Record]:
        """Returns the event; ``source`` and ``id`` together are what makes two of them the same."""
        envelope = decoded(DECODER, row)
        if envelope.specversion != VERSION:
            raise Refused("the specversion is not 1.0", envelope.specversion)
        data = _data(envelope)
        named = self.options.customer
        customer = envelope.subject if named is None else text(data.get(named))
        name = self.options.names.get(envelope.type, envelope.type)
        value = next((number(data[key]) for key in VALUES if data.get(key) is not None), None)
        if name == "Order Completed" and value is not None and value < 0:
            name = "Order Refunded"
        extras: dict[str, Any] = {column: _scalar(data, column) for column in EXTRA_DIMENSIONS}
        extras |= {column: number(data.get(column)) for column in EXTRA_MEASURES}
        yield Event(
            customer=customer,
            anonymous=None,
            time=moment(envelope.time, zone_named(self.options.timezone)),
            event=name,
            event_id=f"cloudevents-{envelope.source}#{envelope.id}",
            known=self.options.known_at,
            channel=_scalar(data, "channel"),
            value=refund(value) if name in MONEY_BACK else value,
            **extras,
        )


def _data(envelope: Envelope) -> dict[str, Any]:
    data = envelope.data
    if envelope.data_base64 is not None:
        try:
            data = msgspec.json.decode(base64.b64decode(envelope.data_base64, validate=True))
        except (binascii.Error, ValueError) as error:
            raise Refused("data_base64 holds no JSON", error) from None
    return data if isinstance(data, dict) else {}


def _scalar(data: dict[str, Any], name: str) -> str | None:
    found = data.get(name)
    return None if isinstance(found, dict | list) else text(found)

"""What a block of raw rows says, as Arrow tables: the work that several processes can share."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from features.durations import DAY
from features.sources.importing.moments import told
from features.sources.importing.records import (
    EXTRA_DIMENSIONS,
    EXTRA_MEASURES,
    Aside,
    Consent,
    Event,
    Format,
    Link,
    Numbered,
    Record,
    Refused,
    Trait,
)

EARLIEST, LATEST = -2_177_452_800_000_000, 9_151_488_000_000_000
"""The years 1901 and 2260, as for any other log."""
MOST_SHOWN = 20
TEXTS = frozenset(
    {"customer", "anonymous", "event", "event_id", "channel", "state", "source", "name", "text", *EXTRA_DIMENSIONS}
)
NUMBERS = frozenset({"value", "number", *EXTRA_MEASURES})


class TypedTrait(NamedTuple):
    """A Trait with its value in a column of its kind."""

    customer: str | None
    anonymous: str | None
    time: int
    known: int | None
    name: str
    text: str | None
    number: float | None


KINDS: dict[str, tuple[str, ...]] = {
    "events": Event._fields,
    "links": Link._fields,
    "consents": Consent._fields,
    "traits": TypedTrait._fields,
}
PLACES: dict[type[Any], str] = {Event: "events", Link: "links", Consent: "consents", Trait: "traits"}


@dataclass(frozen=True)
class Block:
    """Some raw rows of one file."""

    file: str
    rows: Iterable[Numbered]


@dataclass(frozen=True)
class Taken:
    """What became of the rows of a block.

    Parameters
    ----------
    tables
        The records of each kind that there are.
    read, used, aside, refused
        Rows: all, those that said something, and by reason those that are no events and those that are wrong.
    shown
        File, line, reason and cell of the first refused ones.
    """

    tables: dict[str, pa.Table]
    read: int
    used: int
    aside: Counter[str]
    refused: Counter[str]
    shown: list[dict[str, Any]]


def take(form: Format, latest: int | None, block: Block) -> Taken:
    """Returns what the rows of a block say.

    Parameters
    ----------
    latest
        UTC microseconds; a row more than a day later is refused.
    """
    limit = LATEST if latest is None else min(LATEST, latest + DAY)
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    aside, refused, read, used = Counter[str](), Counter[str](), 0, 0
    shown: list[dict[str, Any]] = []
    for line, row in block.rows:
        read += 1
        try:
            records = _checked(form, row, limit)
        except Refused as refusal:
            refused[refusal.reason] += 1
            if len(shown) < MOST_SHOWN:
                told_row = {"file": block.file, "line": line, "reason": refusal.reason, "detail": refusal.detail}
                shown.append(told_row)
            continue
        used += 1
        for record in records:
            if isinstance(record, Aside):
                aside[record.reason] += 1
                used -= 1
            else:
                found[PLACES[type(record)]].append(record)
    found["traits"] = [_typed(trait) for trait in found["traits"]]
    tables = {kind: _table(kind, records) for kind, records in found.items() if records}
    return Taken(tables, read, used, aside, refused, shown)


def staged_schema(kind: str) -> pa.Schema:
    """Returns the columns of records of a kind."""
    return pa.schema([(name, _arrow_kind(name)) for name in KINDS[kind]])


def _checked(form: Format, row: object, limit: int) -> list[Record]:
    """Returns the records of a row, which count all or not at all."""
    if isinstance(row, Refused):
        raise row
    records = list(form.records(row))
    for record in records:
        if isinstance(record, Aside):
            continue
        if not record.customer and not record.anonymous:
            raise Refused("the row names no customer")
        if not EARLIEST <= record.time <= limit:
            raise Refused("the time lies in the future or before 1901", told(record.time))
        if isinstance(record, Event) and not record.event:
            raise Refused("the event has no name")
    return records


def _typed(trait: Trait) -> TypedTrait:
    text = trait.value if isinstance(trait.value, str) else None
    number = None if trait.value is None or isinstance(trait.value, str) else float(trait.value)
    return TypedTrait(*trait[:5], text, number)


def _table(kind: str, records: list[Any]) -> pa.Table:
    schema = staged_schema(kind)
    columns = zip(*records, strict=True)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)


def _arrow_kind(name: str) -> pa.DataType:
    if name in TEXTS:
        return pa.string()
    return pa.float64() if name in NUMBERS else pa.int64()

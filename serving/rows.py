"""Between frames, rows of the event store and the columns that become an EventLog; all of it pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import Floats, Ints, Texts
from features.errors import EventLogError, RowName
from features.events import CHANNEL, EVENT, VALUE, DatedAttributes, Dimension
from features.ingest import (
    CUSTOMER,
    EVENT_ID,
    KNOWN_AT,
    EventColumns,
    Schema,
    align_attributes,
    date_attributes,
    parse_frame,
)
from features.timestamps import to_microseconds

Row = dict[str, Any]
Kinds = dict[str, str]
"""What each extra field holds, in the order they were declared."""

TEXT, NUMBER = "text", "number"


def event_rows(frame: pd.DataFrame, schema: Schema, row_name: RowName) -> list[Row]:
    """Returns one row per event of a frame, in its order, parsed as for an EventLog; the earliest of a repeated id.

    Raises
    ------
    EventLogError
        If the frame is empty, a column is missing, or a cell cannot be read.
    """
    # without these two columns the parsed time is the timestamp and no row is left out
    parsed = parse_frame(frame.drop(columns=[EVENT_ID, KNOWN_AT], errors="ignore"), schema, row_name)
    if len(parsed.time) == 0:
        raise EventLogError("the table of events is empty; give at least one row")
    names = ("customer_id", "timestamp", "known_at", "event", "channel", "value", "event_id", "extra")
    columns = (
        parsed.customer.texts().tolist(),
        parsed.time.tolist(),
        _known_at(frame, schema, row_name),
        parsed.dimensions[EVENT].texts().tolist(),
        _texts_or_none(parsed.dimensions.get(CHANNEL), len(parsed.time)),
        _numbers_or_none(parsed.measures.get(VALUE), len(parsed.time)),
        _event_ids(frame),
        _extras(parsed, schema),
    )
    return earliest_of_each_id([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)])


def joined_at(row: Row) -> int:
    """Returns when an event joins its customer's history."""
    timestamp: int = row["timestamp"]
    known_at: int | None = row["known_at"]
    return timestamp if known_at is None else max(timestamp, known_at)


def event_kinds(schema: Schema) -> Kinds:
    """Returns the kinds of a schema's extra columns."""
    return {**dict.fromkeys(schema.dimensions, TEXT), **dict.fromkeys(schema.measures, NUMBER)}


def event_columns(rows: Sequence[Sequence[Any]], kinds: Kinds) -> EventColumns:
    """Returns the columns of stored rows (customer_id, timestamp, known time, event, channel, value, extra).

    What was known earlier comes first, as in ``features.ingest.parse_frame``.
    """
    rows = sorted(rows, key=lambda row: row[2])
    customer, timestamp, known, event, channel, value, extra = (list(column) for column in zip(*rows, strict=True))
    extras = [json.loads(text) if text else {} for text in extra] if kinds else []
    declared = {name: [entry.get(name) for entry in extras] for name in kinds}
    texts = {EVENT: event, CHANNEL: channel} | {name: declared[name] for name in kinds if kinds[name] == TEXT}
    numbers = {VALUE: value} | {name: declared[name] for name in kinds if kinds[name] == NUMBER}
    return EventColumns(
        customer=Dimension.listed(customer),
        time=np.maximum(np.array(timestamp, dtype=np.int64), np.array(known, dtype=np.int64)),
        dimensions={name: Dimension.listed(column) for name, column in texts.items()},
        measures={name: np.array(column, dtype=np.float64) for name, column in numbers.items()},
    )


def attribute_records(table: pd.DataFrame) -> tuple[dict[str, dict[str, Any]], Kinds]:
    """Returns each customer's attributes as plain data, None where missing, and the kind of each attribute."""
    ids = np.sort(table[CUSTOMER].astype("str").to_numpy(dtype=object)) if CUSTOMER in table.columns else _objects([])
    columns = align_attributes(table, ids)
    kinds = {name: TEXT if isinstance(column, Dimension) else NUMBER for name, column in columns.items()}
    plain = [_plain(column) for column in columns.values()]
    records = {
        str(customer): dict(zip(columns, row, strict=True))
        for customer, row in zip(ids, zip(*plain, strict=True) if plain else [()] * len(ids), strict=True)
    }
    return records, kinds


def attribute_columns(records: Sequence[Mapping[str, Any]], kinds: Kinds) -> dict[str, Floats | Dimension]:
    """Returns the columns of plain records, each of its declared kind; what a record does not name is missing."""
    columns: dict[str, Floats | Dimension] = {}
    for name, kind in kinds.items():
        values = [record.get(name) for record in records]
        numbers = kind == NUMBER
        columns[name] = np.array(values, dtype=np.float64) if numbers else Dimension.listed([v or None for v in values])
    return columns


def dated_records(table: pd.DataFrame, timezone: str | None) -> tuple[list[tuple[str, int, dict[str, Any]]], Kinds]:
    """Returns the rows of an attribute table with ``valid_from``, plain, and the kind of each attribute."""
    ids = table[CUSTOMER].dropna().astype("str").unique() if CUSTOMER in table.columns else _objects([])
    customers = np.sort(np.asarray(ids, dtype=object))
    dated = date_attributes(table, customers, timezone)
    kinds = {name: TEXT if isinstance(column, Dimension) else NUMBER for name, column in dated.columns.items()}
    owners = np.repeat(customers, np.diff(dated.indptr)).tolist()
    plain = [_plain(column) for column in dated.columns.values()]
    values = zip(*plain, strict=True) if plain else iter([()] * len(owners))
    records = [
        (owner, since, dict(zip(dated.columns, row, strict=True)))
        for owner, since, row in zip(owners, dated.valid_from.tolist(), values, strict=True)
    ]
    return records, kinds


def dated_attributes(
    records: Sequence[tuple[str, int, Mapping[str, Any]]], kinds: Kinds, customers: Texts
) -> DatedAttributes:
    """Returns the changes of some customers, given in the order of ids and time, each column of its declared kind."""
    place = {name: number for number, name in enumerate(customers.tolist())}
    own = [record for record in records if record[0] in place]
    counts = np.bincount(
        np.array([place[customer] for customer, _, _ in own], dtype=np.int64), minlength=len(customers)
    )
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    since = np.array([moment for _, moment, _ in own], dtype=np.int64)
    return DatedAttributes(indptr, since, attribute_columns([record for _, _, record in own], kinds))


def earliest_of_each_id(rows: list[Row]) -> list[Row]:
    """Returns the rows, in their order, without later copies of one ``event_id``."""
    earliest: dict[str, int] = {}
    for place, row in enumerate(rows):
        name = row["event_id"]
        if name is not None and (name not in earliest or joined_at(row) < joined_at(rows[earliest[name]])):
            earliest[name] = place
    return [row for place, row in enumerate(rows) if earliest.get(row["event_id"], place) == place]


def _known_at(frame: pd.DataFrame, schema: Schema, row_name: RowName) -> list[int | None]:
    known: list[int | None] = [None] * len(frame)
    if KNOWN_AT in frame.columns:
        rows = np.flatnonzero(frame[KNOWN_AT].notna().to_numpy())
        given: Ints = to_microseconds(frame[KNOWN_AT].iloc[rows], schema.timezone, lambda row: row_name(int(rows[row])))
        for row, moment in zip(rows.tolist(), given.tolist(), strict=True):
            known[row] = moment
    return known


def _event_ids(frame: pd.DataFrame) -> list[str | None]:
    if EVENT_ID not in frame.columns:
        return [None] * len(frame)
    given = frame[EVENT_ID].notna().tolist()
    return [(str(text) or None) if known else None for text, known in zip(frame[EVENT_ID].tolist(), given, strict=True)]


def _extras(parsed: EventColumns, schema: Schema) -> list[str | None]:
    names = (*schema.dimensions, *schema.measures)
    if not names:
        return [None] * len(parsed.time)
    texts = [_texts_or_none(parsed.dimensions[name], len(parsed.time)) for name in schema.dimensions]
    numbers = [_numbers_or_none(parsed.measures[name], len(parsed.time)) for name in schema.measures]
    return [json.dumps(dict(zip(names, row, strict=True))) for row in zip(*texts, *numbers, strict=True)]


def _texts_or_none(column: Dimension | None, rows: int) -> list[str | None]:
    return [None] * rows if column is None else column.texts().tolist()


def _numbers_or_none(numbers: Floats | None, rows: int) -> list[float | None]:
    return [None] * rows if numbers is None else [None if number != number else number for number in numbers.tolist()]


def _plain(column: Floats | Dimension) -> list[Any]:
    if isinstance(column, Dimension):
        return [None if code < 0 else column.names[code] for code in column.codes.tolist()]
    return _numbers_or_none(column, len(column))


def _objects(values: Sequence[Any]) -> Texts:
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects

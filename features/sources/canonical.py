"""Events of any source in one form: the columns of a partition's files and what puts their rows in order."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import Ints, Texts
from features.durations import DAY
from features.events import CHANNEL, EVENT, VALUE, Dimension
from features.ingest import (
    CUSTOMER,
    EVENT_ID,
    KNOWN_AT,
    TIMESTAMP,
    EventColumns,
    Schema,
    known_times,
    parse_frame,
)
from features.sources.batches import Batch
from features.sources.typed import moments, plain_numbers

KNOWN, ROW = "_known", "_row"
MOMENT = pa.timestamp("us", tz="UTC")


def canonical_schema(schema: Schema, identified: bool) -> pa.Schema:
    """Returns the columns of the canonical form.

    ``timestamp`` is when the event joined the history; ``known`` and ``row`` put events of one moment in order.
    """
    texts = [CUSTOMER, *dimensions(schema), *([EVENT_ID] if identified else [])]
    fields = [(name, pa.string()) for name in texts]
    fields += [(name, pa.float64()) for name in measures(schema)]
    return pa.schema([*fields, (TIMESTAMP, MOMENT), (KNOWN, pa.int64()), (ROW, pa.int64())])


def dimensions(schema: Schema) -> tuple[str, ...]:
    """Returns the columns of texts, those that every log has included."""
    return EVENT, CHANNEL, *schema.dimensions


def measures(schema: Schema) -> tuple[str, ...]:
    """Returns the columns of numbers, those that every log has included."""
    return VALUE, *schema.measures


def canonical(batch: Batch, schema: Schema) -> pa.Table:
    """Returns the events of a batch in the canonical form; a repeated ``event_id`` is not looked at yet.

    Columns that have the right types are taken as they are. With the least doubt they go through ``parse_frame``, which
    reads whatever a user may hand in and says what is wrong with it.

    Raises
    ------
    EventLogError
        As ``parse_frame`` does.
    """
    typed = _typed(batch.table, schema)
    found = _parsed(batch, schema) if typed is None else typed
    found[ROW] = pc.add(found[ROW], batch.first)
    form = canonical_schema(schema, EVENT_ID in batch.table.column_names)
    return pa.table([found.get(field.name, pa.nulls(len(found[ROW]), field.type)) for field in form], schema=form)


def _parsed(batch: Batch, schema: Schema) -> dict[str, pa.Array]:
    table = batch.table
    frame = table.select([name for name in table.column_names if name != EVENT_ID]).to_pandas()
    numbered = frame.assign(**{ROW: np.arange(len(frame))})  # parsing puts the rows in another order
    columns = parse_frame(numbered, replace(schema, measures=(*schema.measures, ROW)), batch.row_name)
    rows = columns.measures[ROW].astype(np.int64)
    known = columns.time
    if KNOWN_AT in frame.columns:
        known = known_times(known, frame[KNOWN_AT].iloc[rows], schema.timezone, batch.row_name)
    return {**_arrow_columns(columns), **_event_ids(table, rows), KNOWN: pa.array(known), ROW: pa.array(rows)}


def _arrow_columns(columns: EventColumns) -> dict[str, pa.Array]:
    texts = {CUSTOMER: columns.customer, **columns.dimensions}
    numbers = {name: pa.array(values) for name, values in columns.measures.items()}
    moments = pa.array(columns.time).cast(pa.timestamp("us")).cast(MOMENT)
    return {**numbers, **{name: _texts(column) for name, column in texts.items()}, TIMESTAMP: moments}


def _texts(column: Texts | Dimension) -> pa.Array:
    if not isinstance(column, Dimension):
        return pa.array(column, pa.string())
    codes = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.names, pa.string())).cast(pa.string())


def _event_ids(table: pa.Table, rows: Ints) -> dict[str, pa.Array]:
    if EVENT_ID not in table.column_names:
        return {}
    ids = table[EVENT_ID].combine_chunks().take(pa.array(rows)).cast(pa.string())
    return {EVENT_ID: pc.if_else(pc.equal(ids, ""), None, ids)}


def _typed(table: pa.Table, schema: Schema) -> dict[str, pa.Array] | None:
    """Returns the columns of a table that is beyond doubt; None leaves it to the parser."""
    names = table.column_names
    needed = {CUSTOMER, TIMESTAMP, EVENT, *schema.dimensions, *schema.measures}
    if len(set(names)) < len(names) or not needed <= set(names):
        return None
    columns = {name: table[name].combine_chunks() for name in names}
    time = moments(columns[TIMESTAMP])
    known = moments(columns[KNOWN_AT]) if KNOWN_AT in names else time
    if time is None or known is None or time.null_count:
        return None
    if schema.latest is not None and len(time) and pc.max(time).as_py() > schema.latest + DAY:
        return None
    texts = {name: _plain_texts(columns[name]) for name in (CUSTOMER, *dimensions(schema), EVENT_ID) if name in names}
    numbers = {name: plain_numbers(columns[name]) for name in measures(schema) if name in names}
    found = {name: column for name, column in {**texts, **numbers}.items() if column is not None}
    if len(found) < len(texts) + len(numbers) or found[CUSTOMER].null_count or found[EVENT].null_count:
        return None
    known = pc.coalesce(known, time)
    joined = pc.max_element_wise(time, known).cast(pa.timestamp("us")).cast(MOMENT)
    return {**found, TIMESTAMP: joined, KNOWN: known, ROW: pa.array(np.arange(len(table)))}


def _plain_texts(column: pa.Array) -> pa.Array | None:
    """Returns texts with null for an empty one."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        return None
    texts = column.cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts)

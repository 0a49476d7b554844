"""Columns that have the right types already are taken as they are; with the least doubt, the parser reads them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import Floats
from features.dictionary import encode_numbers
from features.durations import DAY
from features.events import CHANNEL, EVENT, VALUE, Dimension
from features.ingest import CUSTOMER, EVENT_ID, KNOWN_AT, LARGEST, TIMESTAMP, EventColumns, Schema

EARLIEST, LATEST = -2_177_452_800_000_000, 9_151_488_000_000_000
"""The years 1901 and 2260: whatever lies beyond them is looked at by the parser."""


def typed_columns(tables: list[pa.Table], schema: Schema) -> EventColumns | None:
    """Returns the columns of tables that are beyond doubt, read one after the other; None leaves it to the parser.

    It goes without copies and without pandas. Rows that may repeat, and those that were known later, are in doubt.
    """
    if any(not table.schema.equals(tables[0].schema) for table in tables):
        return None
    table = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    names = table.column_names
    asked = {CUSTOMER, TIMESTAMP, EVENT, *schema.dimensions, *schema.measures}
    if len(set(names)) < len(names) or not asked <= set(names) or {EVENT_ID, KNOWN_AT} & set(names) or not len(table):
        return None
    time = moments(table[TIMESTAMP].combine_chunks())
    texts = {name: _dimension(table[name]) for name in (CUSTOMER, EVENT, CHANNEL, *schema.dimensions) if name in names}
    measures = {name: _numbers(table[name]) for name in (VALUE, *schema.measures) if name in names}
    dimensions = {name: column for name, column in texts.items() if column is not None}
    numbers = {name: column for name, column in measures.items() if column is not None}
    if time is None or time.null_count or len(dimensions) < len(texts) or len(numbers) < len(measures):
        return None
    if table[CUSTOMER].null_count or table[EVENT].null_count:
        return None
    if schema.latest is not None and pc.max(time).as_py() > schema.latest + DAY:
        return None
    return EventColumns(dimensions.pop(CUSTOMER), time.to_numpy(), dimensions, numbers)


def moments(column: pa.Array) -> pa.Array | None:
    """Returns timestamps with a zone as UTC microseconds; None for any that lie far away."""
    kind = column.type
    if not pa.types.is_timestamp(kind) or kind.tz is None or kind.unit != "us":
        return None
    micros = column.cast(pa.int64())
    bounds = pc.min_max(micros).as_py()
    inside = bounds["min"] is None or (bounds["min"] > EARLIEST and bounds["max"] < LATEST)
    return micros if inside else None


def plain_numbers(column: pa.Array) -> pa.Array | None:
    """Returns numbers with NaN for a missing one; None for any that are too large."""
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        return None
    numbers = pc.fill_null(column.cast(pa.float64(), safe=False), np.nan)
    bounds = pc.min_max(numbers).as_py()  # NaN only if there is nothing else
    large = bounds["min"] is not None and (bounds["min"] < -LARGEST or bounds["max"] > LARGEST)
    return None if large else numbers


def _dimension(column: pa.ChunkedArray) -> Dimension | None:
    whole = column.combine_chunks()
    if pa.types.is_int64(whole.type) and not whole.null_count:
        return encode_numbers(whole.to_numpy())
    if not pa.types.is_dictionary(whole.type) or not pa.types.is_string(whole.type.value_type):
        return None
    names = whole.dictionary.to_pylist()
    if None in names or "" in names or len(set(names)) < len(names):
        return None
    codes = pc.fill_null(whole.indices, -1).cast(pa.int32())
    return Dimension.of(codes.to_numpy(), names)


def _numbers(column: pa.ChunkedArray) -> Floats | None:
    numbers = plain_numbers(column.combine_chunks())
    return None if numbers is None else numbers.to_numpy(zero_copy_only=False)

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.durations import DAY
from features.ingest import Schema, log_from_columns, log_from_frame
from features.sources.typed import typed_columns
from tests.features.test_partitions import random_events

SCHEMA = Schema(measures=("points",))
NOON = pd.Timestamp("2026-01-31T12:00:00Z")


def table(frame):
    """Returns a frame as Parquet files are read: texts as codes into a dictionary."""
    plain = pa.Table.from_pandas(frame, preserve_index=False)
    encoded = [column.dictionary_encode() if pa.types.is_large_string(column.type) else column for column in plain]
    narrow = [
        column.cast(pa.dictionary(pa.int32(), pa.string())) if pa.types.is_dictionary(column.type) else column
        for column in encoded
    ]
    return pa.table(dict(zip(plain.column_names, narrow, strict=True)))


def events(**columns):
    return pd.DataFrame({"customer_id": ["a", "b"], "timestamp": [NOON, NOON], "event": ["view", "buy"]} | columns)


@pytest.mark.parametrize("without", [[], ["channel"], ["value"]])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_log_of_typed_columns_is_what_the_parser_makes_of_them(without, numbered):
    frame = random_events().drop(columns=["event_id", "known_at", *without])
    if numbered:
        frame = frame.assign(customer_id=pd.factorize(frame["customer_id"])[0] * 7)
    parts = [table(frame.iloc[:200]), table(frame.iloc[200:])]
    columns = typed_columns(parts, SCHEMA)
    assert columns is not None
    log = log_from_columns(columns, int(columns.time.max()))
    assert log.fingerprint() == log_from_frame(frame, SCHEMA).fingerprint()


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": ["a", None]},
        {"customer_id": ["a", ""]},
        {"event": [1.5, 2.0]},
        {"timestamp": ["2026-01-31T12:00:00Z"] * 2},
        {"timestamp": [NOON, pd.NaT]},
        {"timestamp": pd.to_datetime(["2026-01-31", "2026-02-01"])},
        {"timestamp": pd.Series([NOON] * 2).dt.as_unit("ns")},
        {"value": ["1", "2"]},
        {"value": [1.0, np.inf]},
        {"value": [1.0, -2e15]},
        {"event_id": ["1", "1"]},
        {"known_at": [NOON, NOON]},
    ],
)
def test_the_least_doubt_leaves_it_to_the_parser(columns):
    assert typed_columns([table(events(**columns))], Schema()) is None


def test_missing_columns_different_files_and_the_future_are_left_to_the_parser():
    given = table(events())
    assert typed_columns([given], Schema()) is not None
    assert typed_columns([given], Schema(measures=("points",))) is None
    assert typed_columns([given, given.append_column("value", pa.array([1.0, 2.0]))], Schema()) is None
    assert typed_columns([given.slice(0, 0)], Schema()) is None
    latest = int(NOON.timestamp() * 1e6) - 2 * DAY
    assert typed_columns([given], Schema(latest=latest)) is None

import numpy as np
import pandas as pd

from features.errors import numbered_row
from features.ingest import Schema
from serving.rows import attribute_columns, attribute_records, event_columns, event_kinds, event_rows

SCHEMA = Schema(timezone="Europe/Warsaw", dimensions=("size",), measures=("weight",))
FRAME = pd.DataFrame(
    {
        "customer_id": [1, 2],
        "timestamp": ["2024-07-01T02:00:00", "2024-07-01T00:00:00Z"],
        "known_at": [None, "2024-07-01T00:00:01Z"],
        "event": ["purchase", "visit"],
        "value": ["2.5", ""],
        "size": ["L", None],
        "weight": [None, 0.1],
    }
)


def test_a_row_holds_timestamp_and_known_time_apart() -> None:
    first, second = event_rows(FRAME, SCHEMA, numbered_row)
    midnight = 1_719_792_000_000_000
    assert first == {
        "customer_id": "1",
        "timestamp": midnight,
        "known_at": None,
        "event": "purchase",
        "channel": None,
        "value": 2.5,
        "event_id": None,
        "extra": '{"size": "L", "weight": null}',
    }
    assert (second["timestamp"], second["known_at"], second["value"]) == (midnight, midnight + 10**6, None)


def test_rows_become_columns_again() -> None:
    stored = ("customer_id", "timestamp", "known_at", "event", "channel", "value", "extra")
    rows = [[row[name] for name in stored] for row in event_rows(FRAME, SCHEMA, numbered_row)]
    rows[0][2] = rows[0][1]  # as the store reads it: known at once
    columns = event_columns(rows, event_kinds(SCHEMA))
    assert columns.customer.texts().tolist() == ["1", "2"]
    assert columns.time.tolist() == [rows[0][1], rows[1][2]]
    assert columns.dimensions["size"].texts().tolist() == ["L", None]
    np.testing.assert_array_equal(columns.measures["weight"], [np.nan, 0.1])


def test_attributes_keep_their_kind_when_all_are_missing() -> None:
    table = pd.DataFrame({"customer_id": ["b", "a"], "tier": [None, "gold"], "age": [np.nan, np.nan]})
    records, kinds = attribute_records(table)
    assert records == {"a": {"tier": "gold", "age": None}, "b": {"tier": None, "age": None}}
    assert kinds == {"tier": "text", "age": "number"}
    again = attribute_columns(list(records.values()), kinds)
    assert again["age"].dtype == np.float64
    assert again["tier"].texts().tolist() == ["gold", None]

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.durations import DAY
from features.errors import EventLogError, numbered_row
from features.ingest import Schema
from features.sources import canonical as module
from features.sources.batches import Batch
from features.sources.canonical import canonical
from tests.features.test_partitions import random_events

SCHEMA = Schema(measures=("points",))
NOON = pd.Timestamp("2026-01-31T12:00:00Z")


def batch(frame, first=0):
    return Batch(pa.Table.from_pandas(frame, preserve_index=False), first, numbered_row, 1.0)


def events(**columns):
    return pd.DataFrame({"customer_id": ["a", "b"], "timestamp": [NOON, NOON], "event": ["view", "buy"]} | columns)


@pytest.mark.parametrize("without", [(), ("known_at",), ("event_id", "channel"), ("value",)])
def test_typed_columns_are_what_the_parser_would_have_made_of_them(without):
    given = batch(random_events().drop(columns=list(without)), first=7)
    assert module._typed(given.table, SCHEMA) is not None
    fast, careful = canonical(given, SCHEMA), module._parsed(given, SCHEMA)
    order = np.argsort(careful["_row"].to_numpy())
    assert fast["_row"].to_pylist() == list(range(7, 607))
    for name in careful:
        if name != "_row":
            slow = careful[name].take(pa.array(order))
            pd.testing.assert_series_equal(fast[name].to_pandas(), slow.to_pandas(), check_names=False)


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
        {"value": [1.0, 2e15]},
    ],
)
def test_the_least_doubt_leaves_it_to_the_parser(columns):
    assert module._typed(batch(events(**columns)).table, Schema()) is None


def test_a_missing_column_and_an_event_in_the_future_are_left_to_the_parser():
    late = batch(events())
    assert module._typed(late.table, Schema(measures=("points",))) is None
    latest = int(NOON.timestamp() * 1e6) - 2 * DAY
    with pytest.raises(EventLogError, match="row 1 lies in the future"):
        canonical(late, Schema(latest=latest))


def test_texts_and_typed_columns_become_the_same():
    typed = events(value=[1.5, None], event_id=["e", ""])
    texts = typed.assign(timestamp="2026-01-31T13:00:00+01:00", value=["1.5", ""])
    forms = [canonical(batch(frame), Schema()).to_pandas() for frame in (texts, typed)]
    pd.testing.assert_frame_equal(*forms)

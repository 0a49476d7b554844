import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.durations import DAY
from features.ingest import Schema, log_from_frame
from features.sources.grouped import read_grouped
from tests.features.test_partitions import random_events

SCHEMA = Schema(measures=("points",))
NOON = pd.Timestamp("2026-01-31T12:00:00Z")


def files_of(folder, *frames, rows=64):
    """Returns Parquet files, in each of which a group has a few rows and a dictionary of its own."""
    paths = [folder / f"{number}.parquet" for number in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path, row_group_size=rows)
    return paths


def events(**columns):
    return pd.DataFrame({"customer_id": ["a", "b"], "timestamp": [NOON, NOON], "event": ["view", "buy"]} | columns)


@pytest.mark.parametrize("without", [[], ["channel"], ["value"]])
@pytest.mark.parametrize("ids", ["texts", "numbers", "sparse numbers"])
@pytest.mark.parametrize("in_time", [True, False])
def test_a_log_read_by_groups_is_what_the_parser_makes_of_the_rows(tmp_path, without, ids, in_time):
    frame = random_events().drop(columns=["event_id", "known_at", *without])
    if in_time:
        frame = frame.sort_values("timestamp", kind="stable", ignore_index=True)
    if ids != "texts":
        frame = frame.assign(customer_id=pd.factorize(frame["customer_id"])[0] * (7 if ids == "numbers" else 10**9))
    log = read_grouped(files_of(tmp_path, frame.iloc[:200], frame.iloc[200:]), SCHEMA)
    assert log is not None
    assert log.fingerprint() == log_from_frame(frame, SCHEMA).fingerprint()


def test_whole_numbers_may_name_events(tmp_path):
    frame = pd.concat([events(event=[7, 10]), events(event=[8, 7])], ignore_index=True)
    log = read_grouped(files_of(tmp_path, frame, rows=2), Schema())
    assert log is not None
    assert log.dimensions["event"].texts().tolist() == ["7", "8", "10", "7"]


def test_names_that_only_a_dictionary_knows_are_forgotten(tmp_path):
    frame = events(event=pd.Categorical(["view", "buy"], ["view", "sell", "buy"]))
    log = read_grouped(files_of(tmp_path, frame), Schema())
    assert log is not None
    assert log.dimensions["event"].names == ("buy", "view")


def test_what_is_not_beyond_doubt_in_a_later_group_is_left_to_the_parser(tmp_path):
    frame = pd.concat([events(value=[1.0, 2.0]), events(value=[1.0, 2e16])], ignore_index=True)
    assert read_grouped(files_of(tmp_path, frame, rows=2), Schema()) is None


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": ["a", None]},
        {"customer_id": ["a", ""]},
        {"customer_id": [1.0, 2.0]},
        {"event": ["view", None]},
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
def test_the_least_doubt_leaves_it_to_the_parser(tmp_path, columns):
    assert read_grouped(files_of(tmp_path, events(**columns)), Schema()) is None


def test_missing_columns_different_files_and_the_future_are_left_to_the_parser(tmp_path):
    given = events()
    assert read_grouped(files_of(tmp_path, given), Schema()) is not None
    assert read_grouped(files_of(tmp_path, given), Schema(measures=("points",))) is None
    assert read_grouped(files_of(tmp_path, given, given.assign(value=1.0)), Schema()) is None
    assert read_grouped(files_of(tmp_path, given.iloc[:0]), Schema()) is None
    latest = int(NOON.timestamp() * 1e6) - 2 * DAY
    assert read_grouped(files_of(tmp_path, given), Schema(latest=latest)) is None

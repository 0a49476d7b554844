import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import EventLogError, PartitionError
from features.ingest import Schema
from features.manifest import MANIFEST
from features.sources.files import read_log
from features.sources.partitioner import MOST, Division, partition_of, write_partitions
from tests.features.test_partitions import random_events

HEADER = "customer_id,timestamp,event\n"
ROW = "a,2026-01-31T12:00:00Z,view\n"


@pytest.fixture
def source(tmp_path):
    random_events().to_parquet(tmp_path / "events.parquet")
    return tmp_path / "events.parquet"


def test_the_partition_of_a_customer_is_the_same_everywhere():
    ids = ["a", "żółw", "c000000001", "7"]
    lower = [int.from_bytes(hashlib.md5(name.encode(), usedforsecurity=False).digest()[8:], "little") for name in ids]
    assert partition_of(pa.array(ids), 5).tolist() == [number % 5 for number in lower]


def test_rows_stand_by_customer_and_time_and_texts_are_dictionaries(source, tmp_path):
    parts = write_partitions(source, tmp_path / "parts", Division(2))
    for number in range(2):
        file = pq.ParquetFile(parts.folder / "events" / f"0000{number}.parquet")
        rows = file.read().to_pandas()[["customer_id", "timestamp"]]
        assert rows.equals(rows.sort_values(["customer_id", "timestamp"], kind="stable", ignore_index=True))
        group = file.metadata.row_group(0)
        for place in range(3):
            column = group.column(place)
            assert column.compression == "ZSTD"
            assert column.has_dictionary_page or column.path_in_schema == "timestamp"


def test_more_partitions_than_customers_leave_some_empty(tmp_path):
    (tmp_path / "e.csv").write_text(HEADER + ROW + ROW.replace("a,", "b,"), encoding="utf-8")
    parts = write_partitions(tmp_path / "e.csv", tmp_path / "parts", Division(8))
    assert sorted(parts.manifest.events) == [0] * 6 + [1, 1]
    assert sum(parts.log(number).n_events for number in range(8)) == 2


def test_small_sources_are_one_partition_when_no_number_is_given(source, tmp_path):
    assert len(write_partitions(source, tmp_path / "parts")) == 1


def test_the_files_of_a_source_do_not_show(tmp_path, source):
    whole = write_partitions(source, tmp_path / "one", Division(2, Schema(measures=("points",))))
    table = pq.read_table(source)
    for number in range(6):
        pq.write_table(table.slice(100 * number, 100), tmp_path / f"part-{number}.parquet")
    again = write_partitions(f"{tmp_path}/part-*.parquet", tmp_path / "six", Division(2, Schema(measures=("points",))))
    assert again.manifest == whole.manifest


def test_the_same_event_sent_for_two_customers_counts_once_and_says_so(tmp_path, caplog):
    later, no_id = "b,2026-01-31T13:00:00Z,view,e1\n", "c,2026-01-31T12:00:00Z,view,\n"
    rows = later + ROW.replace("\n", ",e1\n") + 2 * no_id
    (tmp_path / "e.csv").write_text(HEADER.replace("\n", ",event_id\n") + rows, encoding="utf-8")
    parts = write_partitions(tmp_path / "e.csv", tmp_path / "parts", Division(4))
    customers = [name for number in range(4) for name in parts.log(number).customers]
    assert sorted(customers) == ["a", "c"]
    assert sum(parts.manifest.events) == read_log(tmp_path / "e.csv").n_events == 3
    assert "1 of 4 events repeat an earlier event_id and count once" in caplog.text


@pytest.mark.parametrize("count", [0, -1, MOST + 1])
def test_a_number_of_partitions_out_of_bounds_is_an_error(source, tmp_path, count):
    with pytest.raises(PartitionError, match=f"{count} partitions are asked for; give a number from 1 to {MOST}"):
        write_partitions(source, tmp_path / "parts", Division(count))


def test_a_folder_that_holds_something_is_left_alone(source, tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PartitionError, match="is not empty; give a new folder"):
        write_partitions(source, tmp_path / "parts")
    assert [file.name for file in (tmp_path / "parts").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (ROW * 3 + "b,someday,buy\n", r"cannot be read as a time in e\.csv line 5: 'someday'"),
        (ROW + "b,2026-01-31T12:00:00,buy\n", r"has no time zone in e\.csv line 3"),
        (ROW + ",2026-01-31T12:00:00Z,buy\n", r"column 'customer_id' is empty in e\.csv line 3"),
        ("", "holds no events; give at least one row"),
    ],
)
def test_what_is_wrong_is_said_as_for_a_log_in_memory_and_nothing_is_left(tmp_path, rows, says):
    (tmp_path / "e.csv").write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(EventLogError, match=says) as whole:
        read_log(tmp_path / "e.csv")
    with pytest.raises(EventLogError) as divided:
        write_partitions(tmp_path / "e.csv", tmp_path / "parts", Division(2))
    assert str(divided.value) == str(whole.value)
    assert not (tmp_path / "parts").exists()


def test_attributes_are_checked_before_anything_is_written(source, tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("customer_id,age\nc1,3\nc1,4\n", encoding="utf-8")
    with pytest.raises(EventLogError, match="lists customer 'c1' twice, in row 2"):
        write_partitions(source, tmp_path / "parts", Division(2, attributes=table))
    assert not (tmp_path / "parts").exists()


def test_a_text_attribute_stays_one_where_all_its_texts_are_numbers(tmp_path, source):
    table = pd.DataFrame({"customer_id": [f"c{number}" for number in range(15)], "plan": ["1"] * 14 + ["one"]})
    table.to_csv(tmp_path / "people.csv", index=False)
    parts = write_partitions(source, tmp_path / "parts", Division(6, attributes=tmp_path / "people.csv"))
    logs = [parts.log(number) for number in range(6)]
    assert all(hasattr(log.attributes["plan"], "names") for log in logs)
    assert parts.manifest.vocabulary.attributes == {"plan": ("1", "one")}


def test_a_run_that_was_interrupted_left_no_finished_folder(source, tmp_path):
    parts = write_partitions(source, tmp_path / "parts", Division(2))
    (parts.folder / MANIFEST).unlink()
    with pytest.raises(PartitionError, match="is not empty"):
        write_partitions(source, tmp_path / "parts", Division(2))
    assert (parts.folder / "events").exists()

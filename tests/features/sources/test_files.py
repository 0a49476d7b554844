import numpy as np
import pandas as pd
import pytest

from features.errors import EventLogError
from features.ingest import Schema
from features.sources.files import identified, read_attributes, read_log, read_table
from features.timestamps import to_iso

HEADER = "customer_id,timestamp,event\n"
ROW = "a,2026-01-31T12:00:00Z,view\n"
BAD = "b,someday,buy\n"


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def parquet(folder, name, **columns):
    path = folder / name
    pd.DataFrame({"customer_id": ["a"], "timestamp": ["2026-01-31T12:00:00Z"], "event": ["view"]} | columns).to_parquet(
        path
    )
    return path


def test_a_csv_file_is_read_and_its_cells_are_texts(tmp_path):
    path = write(tmp_path, "events.csv", "customer_id,timestamp,event,value\n007,2026-01-31T12:00:00Z,view,1.5\n")
    log = read_log(path)
    assert log.customers.tolist() == ["007"]
    assert log.measures["value"].tolist() == [1.5]


@pytest.mark.parametrize(
    "text",
    [
        (HEADER + ROW).replace(",", ";"),
        (HEADER + ROW).replace("\n", "\r\n"),
        "\ufeff" + HEADER + ROW,
        HEADER + ROW.replace("view", '"view"'),
    ],
)
def test_the_usual_ways_to_write_csv_are_read_alike(tmp_path, text):
    log = read_log(write(tmp_path, "events.csv", text))
    assert (log.customers.tolist(), log.dimensions["event"].names) == (["a"], ("view",))


def test_a_row_that_begins_like_a_comment_is_a_row(tmp_path):
    assert read_log(write(tmp_path, "events.csv", HEADER + ROW + "#" + ROW)).customers.tolist() == ["#a", "a"]


def test_a_parquet_file_is_read_with_its_types(tmp_path):
    stamps = pd.to_datetime(["2026-01-31T13:00:00.5+01:00"])
    log = read_log(parquet(tmp_path, "events.parquet", timestamp=stamps, value=[2.5]))
    assert to_iso(log.time[0]) == "2026-01-31T12:00:00.500000Z"
    assert log.measures["value"].tolist() == [2.5]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_parquet_timestamps_keep_their_zone_in_every_unit(tmp_path, unit):
    stamps = pd.Series(pd.to_datetime(["2026-01-31T12:00:00Z"])).dt.as_unit(unit)
    assert to_iso(read_log(parquet(tmp_path, "events.parquet", timestamp=stamps)).time[0]) == "2026-01-31T12:00:00Z"


def test_parquet_timestamps_without_a_zone_need_one_named(tmp_path):
    path = parquet(tmp_path, "events.parquet", timestamp=pd.to_datetime(["2026-01-31T13:00:00"]))
    with pytest.raises(EventLogError, match="column 'timestamp' has no time zone"):
        read_log(path)
    assert to_iso(read_log(path, Schema(timezone="Europe/Warsaw")).time[0]) == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize("place", ["", "*.csv", "**/*.csv"])
def test_a_folder_and_a_glob_are_read_file_by_file(tmp_path, place):
    write(tmp_path, "2.csv", "event,customer_id,timestamp\nbuy,b,2026-01-31T12:00:00Z\n")
    write(tmp_path, "1.csv", HEADER + ROW)
    log = read_log(f"{tmp_path}/{place}" if place else tmp_path)
    assert log.customers.tolist() == ["a", "b"]


def test_a_folder_is_read_to_its_bottom(tmp_path):
    write(tmp_path, "day=1/part.csv", HEADER + ROW)
    write(tmp_path, "notes.txt", "not events")
    assert read_log(tmp_path).n_events == 1


def test_a_bad_csv_row_is_named_by_file_and_line(tmp_path):
    write(tmp_path, "1.csv", HEADER + ROW * 3)
    write(tmp_path, "2.csv", HEADER + ROW * 2 + BAD)
    with pytest.raises(EventLogError, match=r"cannot be read as a time in 2\.csv line 4: 'someday'"):
        read_log(tmp_path)


def test_a_bad_parquet_row_is_named_by_file_and_row(tmp_path):
    parquet(tmp_path, "1.parquet")
    parquet(tmp_path, "2.parquet", timestamp=["someday"])
    with pytest.raises(EventLogError, match=r"in 2\.parquet row 1: 'someday'"):
        read_log(tmp_path)


def test_the_times_of_parquet_attributes_stay_times(tmp_path):
    since = pd.to_datetime(["2026-01-01T00:00:00Z"])
    pd.DataFrame({"customer_id": ["a"], "valid_from": since, "tier": ["gold"]}).to_parquet(tmp_path / "p.parquet")
    assert read_attributes(tmp_path / "p.parquet")["valid_from"].tolist() == since.tolist()


def test_attributes_come_from_a_second_table(tmp_path):
    events, people = write(tmp_path, "e.csv", HEADER + ROW), write(tmp_path, "p.csv", "customer_id,tier\na,gold\n")
    assert read_log(events, attributes=people).attributes["tier"].names == ("gold",)


@pytest.mark.parametrize("extra", ["a,2026-01-31T12:00:00Z,view,more\n", "a,2026-01-31T12:00:00Z\n"])
def test_no_line_of_the_wrong_length_is_passed_over_in_silence(tmp_path, extra):
    with pytest.raises(EventLogError):
        read_log(write(tmp_path, "events.csv", HEADER + ROW + extra * 3))
    with pytest.raises(EventLogError, match=r"cannot be read: .*Line: 25002"):
        read_log(write(tmp_path, "long.csv", HEADER + ROW * 25_000 + extra))


@pytest.mark.parametrize("text", ["", HEADER])
def test_a_file_without_rows_is_an_error(tmp_path, text):
    with pytest.raises(EventLogError, match=r"events\.csv holds no events; give at least one row"):
        read_log(write(tmp_path, "events.csv", text))


@pytest.mark.parametrize("place", ["gone.csv", "*.parquet"])
def test_no_file_is_an_error(tmp_path, place):
    with pytest.raises(
        EventLogError, match=r"no file at .*; give a \.csv or \.parquet file, a folder of them, or a glob"
    ):
        read_table(tmp_path / place)


def test_an_empty_folder_other_kinds_and_mixed_kinds_are_errors(tmp_path):
    with pytest.raises(EventLogError, match=r"holds nothing; give \.csv or \.parquet files of one kind"):
        read_table(tmp_path)
    with pytest.raises(EventLogError, match=r"holds \.txt; give"):
        read_table(write(tmp_path, "events.txt", HEADER))
    write(tmp_path, "1.csv", HEADER + ROW)
    parquet(tmp_path, "2.parquet")
    with pytest.raises(EventLogError, match=r"holds \.csv, \.parquet; give"):
        read_table(tmp_path)


def test_a_file_that_is_no_parquet_is_an_error(tmp_path):
    with pytest.raises(EventLogError, match=r"events\.parquet cannot be read: .*; correct it"):
        read_log(write(tmp_path, "events.parquet", "nonsense"))


def test_a_line_with_too_few_cells_is_an_error_that_names_the_line(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("customer_id;timestamp;event\na;2026-01-01T00:00:00Z;buy\nb;2026-01-01T00:00:00Z\n")
    with pytest.raises(EventLogError, match=r"events\.csv cannot be read: .* Line: 3, Expected Number of Columns: 3"):
        read_log(path)


def test_a_header_that_names_a_column_twice_is_an_error(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("customer_id,timestamp,event,event\na,2026-01-01T00:00:00Z,buy,buy\n")
    with pytest.raises(EventLogError, match="no header of different names"):
        read_log(path)


def test_numbers_in_a_csv_of_attributes_are_numbers_and_other_columns_stay_texts(tmp_path):
    path = tmp_path / "attributes.csv"
    path.write_text("customer_id,age,plan\n007,31,1a\n8,,2\n")
    table = read_attributes(path)
    assert table["customer_id"].tolist() == ["007", "8"]
    assert table["age"].tolist()[0] == 31.0
    assert np.isnan(table["age"].tolist()[1])
    assert table["plan"].tolist() == ["1a", "2"]


def test_rows_without_an_id_get_one_from_their_content_and_equal_rows_count_up():
    frame = pd.DataFrame({"customer_id": ["a", "a", "b"], "event": ["x", "x", "x"]})
    ids = identified(frame)["event_id"].tolist()
    assert len(set(ids)) == 3
    assert identified(frame.iloc[::-1])["event_id"].tolist()[0] == ids[2]
    assert identified(frame.assign(event_id=[None, "own", ""]))["event_id"].tolist() == [
        identified(frame.assign(event_id="")).loc[0, "event_id"],
        "own",
        ids[2],
    ]

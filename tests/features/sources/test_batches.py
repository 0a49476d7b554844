import pandas as pd
import pytest

from features.errors import EventLogError
from features.sources.batches import BYTES_PER_ROW, Source

HEADER = "customer_id,timestamp,event\n"
ROW = "a,2026-01-31T12:00:00Z,view\n"


def test_rows_come_in_order_and_know_their_file_and_line(tmp_path):
    (tmp_path / "1.csv").write_text(HEADER + ROW * 3, encoding="utf-8")
    (tmp_path / "2.csv").write_text(HEADER + ROW.replace("a,", "b,") * 2, encoding="utf-8")
    batches = list(Source.open(tmp_path).batches())
    assert [batch.first for batch in batches] == [0, 3]
    assert [batch.table["customer_id"].to_pylist() for batch in batches] == [["a"] * 3, ["b"] * 2]
    assert batches[0].row_name(2) == "1.csv line 4"
    assert batches[1].row_name(1) == "2.csv line 3"


def test_parquet_is_read_a_few_rows_at_a_time(tmp_path):
    path = tmp_path / "events.parquet"
    pd.DataFrame({"customer_id": [f"c{number}" for number in range(10)]}).to_parquet(path)
    source = Source.open(path)
    batches = list(source.batches(size=4))
    assert [len(batch.table) for batch in batches] == [4, 4, 2]
    assert [batch.row_name(0) for batch in batches] == [f"events.parquet row {number}" for number in (1, 5, 9)]
    assert sum(batch.share for batch in batches) == pytest.approx(1.0)
    assert source.estimated_rows() == 10


def test_a_column_that_only_one_file_has_is_null_in_the_others(tmp_path):
    (tmp_path / "1.csv").write_text(HEADER + ROW, encoding="utf-8")
    (tmp_path / "2.csv").write_text(HEADER.replace("\n", ",channel\n") + ROW.replace("\n", ",web\n"), encoding="utf-8")
    channels = [batch.table["channel"].to_pylist() for batch in Source.open(tmp_path).batches()]
    assert channels == [[None], ["web"]]


def test_the_rows_of_a_csv_file_are_guessed_from_its_size(tmp_path):
    (tmp_path / "1.csv").write_text("x" * BYTES_PER_ROW * 7, encoding="utf-8")
    assert Source.open(tmp_path / "1.csv").estimated_rows() == 7


def test_an_unreadable_file_is_one_sentence(tmp_path):
    (tmp_path / "events.parquet").write_text("nonsense", encoding="utf-8")
    with pytest.raises(EventLogError, match=r"events\.parquet cannot be read: .*; correct it"):
        Source.open(tmp_path / "events.parquet")
    (tmp_path / "events.csv").write_text(HEADER + ROW + "a,b\n", encoding="utf-8")
    with pytest.raises(EventLogError, match=r"events\.csv cannot be read: .*Line: 3"):
        list(Source.open(tmp_path / "events.csv").batches())

from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from features.sources.partitioner import Division, write_partitions
from serving.segments import write_audience
from serving.written_scores import erase_from_files

SCORES = pd.DataFrame({"customer_id": ["ann", "=bob", "cid"], "churn_prob": [0.1, None, 0.30000000000000004]})


def test_rows_are_removed_from_tables_and_audiences_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    tables = [tmp_path / "scores.parquet", tmp_path / "scores" / "part-0.parquet"]
    for path in tables:
        SCORES.to_parquet(path, index=False)
    audience = tmp_path / "audiences" / "leaving.csv"
    write_audience(SCORES, audience)
    assert erase_from_files(tmp_path, ["ann", "=bob", "nobody"]) == 6
    for path in tables:
        pd.testing.assert_frame_equal(pd.read_parquet(path), SCORES[2:].reset_index(drop=True))
    assert audience.read_text(encoding="utf-8") == "customer_id,churn_prob\ncid,0.30000000000000004\n"


def test_files_that_name_none_of_them_are_left_alone(tmp_path: Path) -> None:
    path, other = tmp_path / "scores.parquet", tmp_path / "audiences" / "list.csv"
    SCORES.to_parquet(path)
    other.parent.mkdir()
    other.write_text("name\nann\n", encoding="utf-8")
    before = path.stat().st_mtime_ns, other.stat().st_mtime_ns
    assert erase_from_files(tmp_path, ["nobody"]) == 0
    assert (path.stat().st_mtime_ns, other.stat().st_mtime_ns) == before


def test_training_data_is_a_table_too_wherever_it_lies(tmp_path: Path) -> None:
    deep = tmp_path / "data" / "2024"
    deep.mkdir(parents=True)
    (deep / "events.csv").write_bytes(b'event;customer_id;note\r\nvisit;ann;x\r\nbuy;bob;"a;\xe9"\r\n')
    coded = SCORES.astype({"customer_id": "category"})
    coded.to_parquet(deep / "features.parquet", index=False)
    assert erase_from_files(tmp_path, ["ann"]) == 2
    assert (deep / "events.csv").read_bytes() == b'event;customer_id;note\r\nbuy;bob;"a;\xe9"\r\n'
    assert b"ann" not in (deep / "features.parquet").read_bytes()
    left = pd.read_parquet(deep / "features.parquet")
    assert left["customer_id"].tolist() == ["=bob", "cid"]
    assert left["customer_id"].dtype == "category"


def test_a_divided_log_is_a_table_and_what_was_half_divided_goes(tmp_path: Path) -> None:
    rows = [("ann-4711", "2024-01-01T00:00:00Z", "visit"), ("bob", "2024-01-02T00:00:00Z", "visit")]
    table = pd.DataFrame(rows, columns=["customer_id", "timestamp", "event"])
    table.to_csv(tmp_path / "events.csv", index=False)
    write_partitions(tmp_path / "events.csv", tmp_path / "data" / "parts", Division(2))
    staged = tmp_path / "halves" / ".unfinished"
    staged.mkdir(parents=True)
    table.to_parquet(staged / "0.parquet")
    assert erase_from_files(tmp_path, ["ann-4711"]) == 2
    assert not any(b"ann-4711" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not staged.exists()


def test_what_a_killed_process_left_unfinished_goes(tmp_path: Path) -> None:
    SCORES.to_parquet(tmp_path / ".scores.parquet.4711")
    (tmp_path / ".gitignore").write_text("ann", encoding="utf-8")
    assert erase_from_files(tmp_path, ["ann"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [".gitignore"]


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "scores.parquet").write_text("customer_id\nann\n", encoding="utf-8")
    with pytest.raises(StoreError, match=r"scores\.parquet is no table that can be read \(.*\); remove or repair it"):
        erase_from_files(tmp_path, ["ann"])

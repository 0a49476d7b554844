from pathlib import Path

import pandas as pd

from serving.segments.audience import write_audience
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


def test_what_was_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    left = [tmp_path / ".scores.parquet.12", tmp_path / "scores" / ".00001.parquet.12"]
    for path in left:
        path.write_text("ann", encoding="utf-8")
    erase_from_files(tmp_path, ["ann"])
    assert not any(path.exists() for path in left)

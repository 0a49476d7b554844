from pathlib import Path

import pandas as pd
import pytest

from serving.whole_file import unfinished_files, written_whole


def test_the_new_content_takes_the_place_of_the_old_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "scores.csv"
    for content in ("old", "new"):
        with written_whole(path) as unfinished:
            unfinished.write_text(content, encoding="utf-8")
            assert content == "old" or path.read_text(encoding="utf-8") == "old"
        assert path.read_text(encoding="utf-8") == content
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ValueError, match="Duplicate column names"), written_whole(path) as unfinished:
        pd.DataFrame([[1, 2]], columns=["a", "a"]).to_parquet(unfinished)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_process_that_was_stopped_left_is_found(tmp_path: Path) -> None:
    for name in (".scores.parquet.12", ".scores.parquet.13", ".other.parquet.12", "scores.parquet"):
        (tmp_path / name).touch()
    assert [path.name for path in unfinished_files(tmp_path / "scores.parquet")] == [
        ".scores.parquet.12",
        ".scores.parquet.13",
    ]

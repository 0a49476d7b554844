from pathlib import Path

import pandas as pd
import pytest

from serving.parquet_rows import erase_rows


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_no_byte_of_an_erased_id_is_left_and_the_rest_is_as_before(tmp_path: Path, kind: str) -> None:
    table = pd.DataFrame({"customer_id": ["ann-4711", "bob", "ann-4711", "cid"], "score": [1.0, 2.0, 3.0, None]})
    path = tmp_path / "scores.parquet"
    table.astype({"customer_id": kind}).to_parquet(path, index=False)
    assert erase_rows(path, ["ann-4711", "nobody"]) == 2
    assert b"ann-4711" not in path.read_bytes()
    left = pd.read_parquet(path)
    assert left["customer_id"].tolist() == ["bob", "cid"]
    assert left["score"].tolist()[0] == 2.0


def test_a_table_of_something_else_is_left_alone(tmp_path: Path) -> None:
    pd.DataFrame({"name": ["ann-4711"]}).to_parquet(tmp_path / "other.parquet")
    assert erase_rows(tmp_path / "other.parquet", ["ann-4711"]) == 0

"""Score tables and audiences that lie in files beside the store: who is erased is erased from them too."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from features.ingest import CUSTOMER
from serving.formulas import defused
from serving.whole_file import written_whole

TABLES = ("scores.parquet", "scores/*.parquet", "personas.parquet")
AUDIENCES = "audiences/*.csv"


def erase_from_files(folder: Path, ids: Sequence[str]) -> int:
    """Removes the rows of some customers from every file in a folder, each as a whole, and returns their number.

    What an interrupted process left half written is removed with everybody in it.
    """
    for pattern in (*TABLES, AUDIENCES):
        for leftover in folder.glob(str(Path(pattern).with_name(f".{Path(pattern).name}.*"))):
            leftover.unlink(missing_ok=True)
    tables = (path for pattern in TABLES for path in sorted(folder.glob(pattern)))
    return sum(_from_table(path, ids) for path in tables) + sum(
        _from_audience(path, ids) for path in sorted(folder.glob(AUDIENCES))
    )


def _from_table(path: Path, ids: Sequence[str]) -> int:
    if CUSTOMER not in pq.read_schema(path).names:
        return 0
    frame = pd.read_parquet(path)
    theirs = frame[CUSTOMER].isin(ids)
    if theirs.any():
        with written_whole(path) as unfinished:
            frame[~theirs].to_parquet(unfinished, index=False)
    return int(theirs.sum())


def _from_audience(path: Path, ids: Sequence[str]) -> int:
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    if CUSTOMER not in frame.columns:
        return 0
    theirs = frame[CUSTOMER].isin([*ids, *map(defused, ids)])
    if theirs.any():
        with written_whole(path) as unfinished:
            frame[~theirs].to_csv(unfinished, index=False, encoding="utf-8")
    return int(theirs.sum())

"""Tables in files beside the store, such as scores, audiences and training data: who is erased is erased from them."""

import csv
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from features.errors import StoreError
from features.ingest import CUSTOMER
from features.manifest import MANIFEST, STAGING
from serving.formulas import defused
from serving.parquet_rows import erase_rows
from serving.whole_file import written_whole

DELIMITERS = (",", ";", "\t", "|")
UNFINISHED = re.compile(r"\..+\.\d+")
"""The name of what ``written_whole`` leaves behind when its process is killed."""


def erase_from_files(folder: Path, ids: Sequence[str]) -> int:
    """Removes the rows of some customers from every table below a folder, each as a whole, and returns their number.

    A table is a Parquet or CSV file with a column of customer ids, or a log that was divided. What a killed process
    left unfinished is deleted.

    Raises
    ------
    StoreError, PartitionError
        If there is a table that cannot be read: nobody can say whom it names.
    """
    erased = 0
    for path in _files(folder):
        try:
            erased += _from_file(path, ids)
        except (pa.ArrowException, csv.Error, OSError) as problem:
            reason = " ".join(str(problem).split())
            raise StoreError(f"{path.name} is no table that can be read ({reason:.200}); remove or repair it") from None
    return erased


def _from_file(path: Path, ids: Sequence[str]) -> int:
    if path.is_dir():
        from serving.divided_log import erase_from_log  # brings DuckDB, which a service without such a log does without

        return erase_from_log(path, ids)
    if UNFINISHED.fullmatch(path.name):
        path.unlink(missing_ok=True)
    elif path.suffix == ".parquet":
        return erase_rows(path, ids)
    elif path.suffix == ".csv":
        return _from_csv(path, {*ids, *map(defused, ids)})
    return 0


def _files(folder: Path) -> Iterator[Path]:
    """Yields the files below a folder; in place of those of a divided log its folder."""
    if (folder / MANIFEST).exists():
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name == STAGING:
            shutil.rmtree(path)
        elif path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _files(path)
        elif path.is_file():
            yield path


def _from_csv(path: Path, names: set[str]) -> int:
    # bytes that are no UTF-8 go through as they are
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        header = file.readline()
        delimiter = next((mark for mark in DELIMITERS if CUSTOMER in _cells(header, mark)), None)
        if delimiter is None:
            return 0
        place, start = _cells(header, delimiter).index(CUSTOMER), file.tell()
        theirs = sum(_names(row, place, names) for row in csv.reader(iter(file.readline, ""), delimiter=delimiter))
        if theirs:
            file.seek(start)
            rows = csv.reader(iter(file.readline, ""), delimiter=delimiter)
            with written_whole(path) as unfinished:
                _write(unfinished, header, delimiter, (row for row in rows if not _names(row, place, names)))
    return theirs


def _write(path: Path, header: str, delimiter: str, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(header)
        end = "\r\n" if header.endswith("\r\n") else "\n"
        csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _names(row: list[str], place: int, names: set[str]) -> bool:
    return len(row) > place and row[place] in names

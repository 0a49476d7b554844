"""Reads tables of events a batch at a time, so that they need not fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import RowName
from features.sources.files import FIRST, csv_cells, csv_header, matching_files, row_names, unreadable

ROWS = 1_000_000
BYTES_PER_ROW = 50  # of a CSV file: a guess good enough to choose a number of partitions


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a table as they stand in its files.

    Parameters
    ----------
    table
        The columns of all files, null where this one lacks a column.
    first
        The number of rows in the batches before.
    row_name
        How to call each row of this batch in an error message.
    share
        The part of the whole table that these rows are, as far as it is known.
    """

    table: pa.Table
    first: int
    row_name: RowName
    share: float


@dataclass(frozen=True)
class Source:
    """CSV or Parquet files that are one table of events."""

    files: tuple[Path, ...]
    kind: str
    columns: tuple[str, ...]

    @classmethod
    def open(cls, path: str | Path) -> "Source":
        """Returns the files at a path and the columns that they have together.

        Raises
        ------
        EventLogError
            If nothing is found, the kinds are mixed, or a file cannot be read.
        """
        files, kind = matching_files(path)
        names = [name for file in files for name in _column_names(file, kind)]
        return cls(tuple(files), kind, tuple(dict.fromkeys(names)))

    def batches(self, size: int = ROWS) -> Iterator[Batch]:
        """Yields the rows in their order, at most ``size`` at a time.

        Raises
        ------
        EventLogError
            If a file cannot be read.
        """
        first = 0
        for file in self.files:
            rows = _parquet_rows(file) if self.kind == ".parquet" else 0
            before = first
            for table in _tables(file, self.kind, size):
                names = row_names([file], [first - before + len(table)], FIRST[self.kind])
                share = len(table) / rows / len(self.files) if rows else 0.0
                yield Batch(self._completed(table), first, partial(_later, names, first - before), share)
                first += len(table)

    def estimated_rows(self) -> int:
        """Returns the number of rows: that of Parquet is known, that of CSV guessed from the size."""
        if self.kind == ".parquet":
            return sum(_parquet_rows(file) for file in self.files)
        return sum(file.stat().st_size for file in self.files) // BYTES_PER_ROW

    def _completed(self, table: pa.Table) -> pa.Table:
        for name in self.columns:
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(len(table)))
        return table


def _later(names: RowName, rows: int, position: int) -> str:
    return names(rows + position)


def _column_names(file: Path, kind: str) -> list[str]:
    try:
        return csv_header(file)[0] if kind == ".csv" else pq.read_schema(file).names
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise unreadable(file, error) from None


def _parquet_rows(file: Path) -> int:
    return int(pq.read_metadata(file).num_rows)


def _tables(file: Path, kind: str, size: int) -> Iterator[pa.Table]:
    try:
        if kind == ".parquet":
            batches = pq.ParquetFile(file).iter_batches(size)
        else:
            cells = csv_cells(file)
            batches = iter(()) if cells is None else cells.to_arrow_reader(size)
        for batch in batches:
            yield pa.Table.from_batches([batch])
    except (duckdb.Error, pa.ArrowException, UnicodeDecodeError) as error:
        raise unreadable(file, error) from None

"""Reads events from CSV and Parquet: one file, a folder, or a glob."""

import csv
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.types import union_categoricals

from features.errors import EventLogError, RowName
from features.events import EventLog
from features.ingest import CUSTOMER, EVENT_ID, Schema, log_from_frame, with_attributes
from features.sources.grouped import read_grouped, texts_of

KINDS = (".csv", ".parquet")
FIRST = {".csv": "line 2", ".parquet": "row 1"}  # a CSV's first line is its header
HASH_KEYS = ("nextstage-events", "events-nextstage")  # two of 64 bits: equal ids mean equal rows
CELLS = """
SELECT * FROM read_csv(getvariable('file'), delim=getvariable('delimiter'), columns=getvariable('columns'),
                       quote='"', header=true, skip=0, comment='', auto_detect=false)"""
DELIMITERS = (",", ";", "\t", "|")


def read_table(path: str | Path) -> tuple[pd.DataFrame, RowName]:
    """Returns the rows of CSV or Parquet files and how to call each row in an error message.

    Parameters
    ----------
    path
        A file, a folder of files of one kind, or a glob such as ``events/*.parquet``. CSV cells are read as text.

    Raises
    ------
    EventLogError
        If nothing is found, the kinds are mixed, or a file cannot be read.
    """
    files, kind = matching_files(path)
    frames = [_read_csv(file) if kind == ".csv" else _read_parquet(file).to_pandas() for file in files]
    return _joined(frames), row_names(files, [len(frame) for frame in frames], FIRST[kind])


def read_log(path: str | Path, schema: Schema | None = None, attributes: str | Path | None = None) -> EventLog:
    """Returns the EventLog of CSV or Parquet files, with customer attributes from a second table if given."""
    files, kind = matching_files(path)
    table = None if attributes is None else read_attributes(attributes)
    log = _read_grouped(files, schema or Schema()) if kind == ".parquet" else None
    if log is not None:
        return log if table is None else with_attributes(log, table, (schema or Schema()).timezone)
    frame, row_name = read_table(path)
    if frame.empty:
        raise EventLogError(f"{path} holds no events; give at least one row")
    return log_from_frame(frame, schema, attributes=table, row_name=row_name)


def _read_grouped(files: list[Path], schema: Schema) -> EventLog | None:
    try:
        return read_grouped(files, schema)
    except pa.ArrowException:
        return None  # the parser says which file it is


def read_attributes(path: str | Path) -> pd.DataFrame:
    """Returns a table of customer attributes; a CSV column in which every filled cell is a number becomes numbers."""
    table, _ = read_table(path)
    for name in table.columns.drop(CUSTOMER, errors="ignore"):
        kind = table[name].dtype
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_any_dtype(kind):
            numbers = pd.to_numeric(table[name], errors="coerce")
            if numbers.notna().any() and (numbers.notna() == table[name].notna()).all():
                table[name] = numbers.astype("float64")
    return table


def identified(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows with an ``event_id`` each, made from its content where missing: the same file, the same ids.

    Equal rows of one file are different events: their ids count up.
    """
    content = frame.drop(columns=EVENT_ID, errors="ignore").astype("str")
    halves = [pd.util.hash_pandas_object(content, index=False, hash_key=key) for key in HASH_KEYS]
    text = "row-" + halves[0].map("{:016x}".format) + halves[1].map("{:016x}".format)
    made = text + "-" + text.groupby(text).cumcount().astype("str")
    given = frame[EVENT_ID] if EVENT_ID in frame.columns else pd.Series(None, index=frame.index, dtype="str")
    return frame.assign(**{EVENT_ID: given.astype("str").where(given.notna() & (given.astype("str") != ""), made)})


def matching_files(path: str | Path) -> tuple[list[Path], str]:
    """Returns the CSV or Parquet files at a path, and which of the two they are.

    Raises
    ------
    EventLogError
        If nothing is found, or the kinds are mixed.
    """
    files = _found_files(str(path))
    kinds = sorted({file.suffix.lower() for file in files})
    if len(kinds) != 1 or kinds[0] not in KINDS:
        raise EventLogError(f"{path} holds {', '.join(kinds) or 'nothing'}; give .csv or .parquet files of one kind")
    return files, kinds[0]


def _found_files(path: str) -> list[Path]:
    place = Path(path)
    if place.is_dir():
        return sorted(file for file in place.rglob("*") if file.suffix.lower() in KINDS)
    if place.is_file():
        return [place]
    anchor = Path(place.anchor) if place.is_absolute() else Path()
    files = sorted(anchor.glob(str(place.relative_to(place.anchor)))) if "*" in path or "?" in path else []
    if not files:
        raise EventLogError(f"no file at {path}; give a .csv or .parquet file, a folder of them, or a glob")
    return files


def _read_csv(file: Path) -> pd.DataFrame:
    """Returns the cells as text. The reader is told everything: left to guess, it passes over lines that do not fit."""
    try:
        cells = csv_cells(file)
        return pd.DataFrame() if cells is None else cells.df()
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise unreadable(file, error) from None


def csv_cells(file: Path) -> "duckdb.DuckDBPyRelation | None":
    """Returns the cells of a CSV file, not read yet, as text; None for an empty file."""
    names, delimiter = csv_header(file)
    if not names:
        return None
    columns = dict.fromkeys(names, "VARCHAR")
    if len(columns) < len(names):
        raise EventLogError(f"{file.name} has no header of different names; write the columns' names in line 1")
    connection = duckdb.connect()  # variables instead of parameters: a query with those is not read as a stream
    connection.execute("SET VARIABLE file = ?", [str(file)])
    connection.execute("SET VARIABLE delimiter = ?", [delimiter])
    connection.execute("SET VARIABLE columns = ?", [columns])
    return connection.sql(CELLS)


def csv_header(file: Path) -> tuple[list[str], str]:
    """Returns the column names of a CSV file and the sign between them."""
    with file.open(encoding="utf-8-sig") as lines:
        line = lines.readline()
    delimiter = max(DELIMITERS, key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter


def _read_parquet(file: Path) -> pa.Table:
    """Returns the columns of a file, texts as codes. It is not DuckDB, which drops the zone of nanoseconds."""
    try:
        parts = pq.ParquetFile(file, read_dictionary=texts_of(pq.read_schema(file)))
        # each group has dictionaries of its own
        groups = [parts.read_row_group(number) for number in range(parts.num_row_groups)]
        return pa.concat_tables(groups) if groups else parts.read()
    except pa.ArrowException as error:
        raise unreadable(file, error) from None


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Returns the rows of all frames; columns of codes stay codes, in one dictionary."""
    if len(frames) == 1:
        return frames[0]
    shared = set.intersection(*(set(frame.select_dtypes("category").columns) for frame in frames))
    for name in shared:
        kinds = union_categoricals([frame[name] for frame in frames]).categories
        frames = [frame.assign(**{name: frame[name].cat.set_categories(kinds)}) for frame in frames]
    return pd.concat(frames, ignore_index=True)


def unreadable(file: Path, error: Exception) -> EventLogError:
    """Returns what to tell the user about a file that a reader refused."""
    first, *others = str(error).splitlines()
    reason = ", ".join([first, *(line for line in others if line.startswith("Expected"))])
    return EventLogError(f"{file.name} cannot be read: {reason}; correct it and read it again")


def row_names(files: list[Path], sizes: list[int], first: str) -> RowName:
    """Returns how to call a row of files read one after the other; ``first`` is the name of a file's first row."""
    starts = list(accumulate(sizes, initial=0))
    word, number = first.split()

    def name(position: int) -> str:
        which = bisect_right(starts, position) - 1
        return f"{files[which].name} {word} {position - starts[which] + int(number)}"

    return name

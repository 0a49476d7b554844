"""Reads events from CSV and Parquet: one file, a folder, or a glob."""

from pathlib import Path

import duckdb
import pandas as pd

from features.errors import EventLogError, RowName
from features.events import EventLog
from features.ingest import Schema, log_from_frame

READERS = {
    ".csv": "read_csv(?, all_varchar=true, header=true, filename='nextstage_file')",
    ".parquet": "read_parquet(?, filename='nextstage_file')",
}


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
    files = _matching_files(str(path))
    kinds = {file.suffix.lower() for file in files}
    if len(kinds) != 1 or not kinds <= READERS.keys():
        raise EventLogError(
            f"{path} holds {', '.join(sorted(kinds)) or 'nothing'}; give .csv or .parquet files of one kind"
        )
    kind = kinds.pop()
    try:
        query = f"SELECT * FROM {READERS[kind]}"  # noqa: S608 - one of the two constants above
        frame = duckdb.connect().execute(query, [[str(file) for file in files]]).df()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise EventLogError(f"{path} cannot be read: {reason}; give a valid {kind[1:]} file with a header") from None
    return frame.drop(columns="nextstage_file"), _row_names(frame["nextstage_file"], first=2 if kind == ".csv" else 1)


def read_log(path: str | Path, schema: Schema | None = None, attributes: str | Path | None = None) -> EventLog:
    """Returns the EventLog of CSV or Parquet files, with customer attributes from a second table if given."""
    frame, row_name = read_table(path)
    if frame.empty:
        raise EventLogError(f"{path} holds no events; give at least one row")
    return log_from_frame(
        frame, schema, attributes=None if attributes is None else read_table(attributes)[0], row_name=row_name
    )


def _matching_files(path: str) -> list[Path]:
    place = Path(path)
    if place.is_dir():
        return sorted(file for file in place.rglob("*") if file.suffix.lower() in READERS)
    if place.is_file():
        return [place]
    anchor = Path(place.anchor) if place.is_absolute() else Path()
    files = sorted(anchor.glob(str(place.relative_to(place.anchor)))) if "*" in path or "?" in path else []
    if not files:
        raise EventLogError(f"no file at {path}; give a .csv or .parquet file, a folder of them, or a glob")
    return files


def _row_names(files: pd.Series, first: int) -> RowName:
    word = "line" if first == 2 else "row"

    def name(position: int) -> str:
        line = int((files.iloc[:position] == files.iloc[position]).sum()) + first
        return f"{Path(files.iloc[position]).name} {word} {line}"

    return name

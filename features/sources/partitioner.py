"""Divides a table of events by customer into a folder of Parquet files, out of core."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.arrays import Ints
from features.errors import EventLogError, PartitionError
from features.ingest import (
    CUSTOMER,
    EVENT_ID,
    TIMESTAMP,
    VALID_FROM,
    Schema,
    align_attributes,
    date_attributes,
)
from features.manifest import STAGING, Manifest
from features.partitions import (
    Partitions,
    attributes_file,
    events_file,
    map_here,
    read_partition,
    workers_for,
)
from features.sources.batches import Source
from features.sources.canonical import KNOWN, ROW, canonical, canonical_schema, dimensions, measures
from features.sources.files import read_attributes
from features.timestamps import to_microseconds
from features.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

NEVER = 2**63 - 1
EVENTS_EACH = 2_000_000
MOST = 512  # files that are open at once
MEMORY = "4GB"
ROW_GROUP = 122_880
"""Rows, DuckDB's own size: small enough for a dictionary of customers, large enough to compress."""

Advance = Callable[[float], None]


@dataclass(frozen=True)
class Division:
    """How to divide a log.

    Parameters
    ----------
    partitions
        How many parts; about two million events each when left out.
    schema
        How the events are read.
    attributes
        A second table with one row per customer, or several with a ``valid_from``; it is read whole.
    """

    partitions: int | None = None
    schema: Schema = field(default_factory=Schema)
    attributes: str | Path | None = None


def write_partitions(
    source: str | Path, folder: str | Path, division: Division | None = None, on_progress: Advance | None = None
) -> Partitions:
    """Writes the events of a source as partitions and returns them; the source is read once and never held whole.

    Customers are dealt out by a hash of their id, so that each is in one partition. Of events with one ``event_id``
    the earliest counts, wherever in the source they stand. In a file rows are sorted by customer, time and receipt.

    Parameters
    ----------
    folder
        Must not hold anything yet. Whatever goes wrong, nothing is left in it.
    on_progress
        Called with the share of the work done since the last call.

    Raises
    ------
    EventLogError
        If a row cannot be read, or there is none.
    PartitionError
        If the folder holds something already, or the number of partitions is out of bounds.
    """
    division = division or Division()
    place = Path(folder).resolve()
    advance = on_progress or _ignore
    opened = Source.open(source)
    table = None if division.attributes is None else read_attributes(division.attributes)
    count = division.partitions
    if count is None:
        count = max(1, min(MOST, -(-opened.estimated_rows() // EVENTS_EACH)))
    if not 1 <= count <= MOST:
        raise PartitionError(f"{count} partitions are asked for; give a number from 1 to {MOST}")
    with _emptied_on_error(place):
        staging = place / STAGING
        rows = _stage(opened, staging, count, division.schema, lambda share: advance(0.5 * share))
        if rows == 0:
            raise EventLogError(f"{source} holds no events; give at least one row")
        with _database(staging) as database:
            _find_repeated(database, staging, EVENT_ID in opened.columns, rows)
            for number in range(count):
                _write_sorted(database, staging, place, number, division.schema)
                advance(0.25 / count)
        if table is not None:
            _divide_attributes(table, place, count, division.schema.timezone)
        shutil.rmtree(staging)
        _manifest(place, division, count, rows, lambda share: advance(0.25 * share)).save(place)
    return Partitions.open(place)


def partition_of(customers: pa.Array, count: int) -> Ints:
    """Returns the partition of each customer: the lower half of the MD5 of the id, little-endian, modulo their number.

    The same on every machine and in every version.
    """
    table = pa.table({CUSTOMER: customers})  # found by DuckDB under its name
    query = f"SELECT md5_number_lower({CUSTOMER}) % {count} AS part FROM ids"  # noqa: S608 - a name and a number
    with duckdb.connect() as database:
        database.register("ids", table)
        parts: Ints = database.execute(query).fetchnumpy()["part"].astype(np.int64)
    return parts


@contextmanager
def _emptied_on_error(folder: Path) -> Iterator[None]:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PartitionError(f"{folder} is not empty; give a new folder, or remove what an interrupted run left there")
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if existed:
            folder.mkdir(exist_ok=True)
        raise


def _stage(source: Source, staging: Path, count: int, schema: Schema, advance: Advance) -> int:
    """Writes the rows as they come to a file per partition and returns their number."""
    staging.mkdir()
    form = canonical_schema(schema, EVENT_ID in source.columns)
    repeating = [*dimensions(schema)]
    with ExitStack() as open_files:
        writers = [
            open_files.enter_context(
                pq.ParquetWriter(_staged(staging, number), form, compression="lz4", use_dictionary=repeating)
            )
            for number in range(count)
        ]
        rows, told = 0, 0.0
        for batch in source.batches():
            table = canonical(batch, schema)
            part = partition_of(table[CUSTOMER], count)
            order = np.argsort(part, kind="stable")
            bounds = np.searchsorted(part[order], np.arange(count + 1))
            ordered = table.take(pa.array(order))
            for number in np.flatnonzero(np.diff(bounds)):
                writers[number].write_table(ordered.slice(bounds[number], bounds[number + 1] - bounds[number]))
            rows += len(batch.table)
            advance(batch.share)
            told += batch.share
    advance(1.0 - told)  # how long a CSV file is, is only known at its end
    return rows


@contextmanager
def _database(staging: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as database:
        database.execute("SET memory_limit = ?", [MEMORY])
        database.execute("SET temp_directory = ?", [str(staging / "spilled")])
        database.execute("SET threads = ?", [os.cpu_count() or 1])
        yield database


def _find_repeated(database: duckdb.DuckDBPyConnection, staging: Path, identified: bool, rows: int) -> None:
    """Makes the table ``repeated`` of the rows whose event_id an earlier event of any customer has."""
    if not identified:
        database.execute(f"CREATE TABLE repeated ({ROW} BIGINT)")
        return
    database.execute("SET VARIABLE staged = ?", [str(staging / "*.parquet")])
    # first the ids that occur twice, by their hash, and only then, among these few rows, which comes first
    database.execute(f"""
        CREATE TABLE suspects AS SELECT hash({EVENT_ID}) AS suspect FROM read_parquet(getvariable('staged'))
        WHERE {EVENT_ID} IS NOT NULL GROUP BY suspect HAVING count(*) > 1""")  # noqa: S608 - names of our own
    database.execute(f"""
        CREATE TABLE repeated AS SELECT {ROW} FROM (
            SELECT {ROW}, row_number() OVER (PARTITION BY {EVENT_ID} ORDER BY {TIMESTAMP}, {KNOWN}, {ROW}) AS place
            FROM read_parquet(getvariable('staged')) SEMI JOIN suspects ON hash({EVENT_ID}) = suspect
        ) WHERE place > 1""")  # noqa: S608
    found = database.execute("SELECT count(*) FROM repeated").fetchall()[0][0]
    if found:
        logger.warning("%d of %d events repeat an earlier event_id and count once", found, rows)


def _write_sorted(
    database: duckdb.DuckDBPyConnection, staging: Path, folder: Path, number: int, schema: Schema
) -> None:
    staged, path = _staged(staging, number), events_file(folder, number)
    path.parent.mkdir(exist_ok=True)
    names = [CUSTOMER, TIMESTAMP, *dimensions(schema), *measures(schema)]
    columns = ", ".join(_quoted(name) for name in names)
    database.execute("SET VARIABLE staged = ?", [str(staged)])
    database.execute(
        f"""COPY (SELECT {columns} FROM read_parquet(getvariable('staged')) ANTI JOIN repeated USING ({ROW})
                  ORDER BY {CUSTOMER}, {TIMESTAMP}, {KNOWN}, {ROW})
            TO ? (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})""",  # noqa: S608 - names are quoted
        [str(path)],
    )
    staged.unlink()  # so that the disk holds each event hardly more than once


def _divide_attributes(frame: pd.DataFrame, folder: Path, count: int, timezone: str | None) -> None:
    nobody = np.empty(0, dtype=object)
    if VALID_FROM in frame.columns:
        date_attributes(frame, nobody, timezone)  # what is wrong is said of the rows as the user numbers them
        since = to_microseconds(frame[VALID_FROM], timezone)
        frame = frame.assign(**{VALID_FROM: pd.to_datetime(since, unit="us", utc=True)})
    else:
        align_attributes(frame, nobody)
    frame = frame.assign(**{CUSTOMER: frame[CUSTOMER].astype("str")})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    part = partition_of(table[CUSTOMER].cast(pa.string()), count)
    attributes_file(folder, 0).parent.mkdir()
    for number in range(count):
        pq.write_table(table.take(pa.array(np.flatnonzero(part == number))), attributes_file(folder, number))


@dataclass(frozen=True)
class Finding:
    """What was found in a partition that has been written."""

    customers: int
    events: int
    start: int
    end: int
    fingerprint: str
    vocabulary: Vocabulary


def _read_back(folder: Path, schema: Schema, has_attributes: bool, number: int) -> Finding:
    log = read_partition(folder, number, schema, has_attributes)
    start = log.start if log.n_events else NEVER
    return Finding(log.n_customers, log.n_events, start, log.end, log.fingerprint(), Vocabulary.of(log))


def _manifest(folder: Path, division: Division, count: int, rows: int, advance: Advance) -> Manifest:
    """Returns the manifest of partitions that have been written: each is read back before it is said to be there."""
    schema = Schema(None, division.schema.dimensions, division.schema.measures)
    has_attributes = division.attributes is not None
    found = []
    for finding in map_here(partial(_read_back, folder, schema, has_attributes), count, workers_for(rows)):
        found.append(finding)
        advance(1.0 / count)
    return Manifest(
        customers=tuple(finding.customers for finding in found),
        events=tuple(finding.events for finding in found),
        start=min(finding.start for finding in found),
        end=max(finding.end for finding in found),
        dimensions=schema.dimensions,
        measures=schema.measures,
        has_attributes=has_attributes,
        data_hash=hashlib.sha256("".join(finding.fingerprint for finding in found).encode()).hexdigest(),
        vocabulary=Vocabulary.merge(finding.vocabulary for finding in found),
    )


def _ignore(share: float) -> None:
    del share


def _staged(staging: Path, number: int) -> Path:
    return staging / f"{number:05d}.parquet"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""A feature matrix larger than memory: streamed to Parquet, one file per partition."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.arrays import Ints
from features.events import EventLog
from features.featureset import FeatureSet
from features.ingest import CUSTOMER
from features.journey import Journey
from features.partitions import Advance, Partitions, map_partitions
from features.snapshots import Snapshots

CUTOFF = "cutoff"
ROWS = 65_536
"""Rows to a group of the file: what is in memory at once."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Which features are looked at, and when: each customer at every cutoff from the first event on.

    Parameters
    ----------
    cutoffs
        UTC microseconds.
    """

    feature_set: FeatureSet
    journey: Journey
    cutoffs: Ints


def write_matrix(log: EventLog, snapshots: Snapshots, grid: Grid, path: Path) -> int:
    """Writes the features of a log to a Parquet file and returns the number of rows.

    Its columns are ``customer_id``, ``cutoff`` and a float32 for each feature; rows stand by customer and cutoff.
    The file is complete or not there.
    """
    columns = grid.feature_set.columns
    fields = [(CUSTOMER, pa.string()), (CUTOFF, pa.timestamp("us", tz="UTC"))]
    schema = pa.schema([*fields, *((name, pa.float32()) for name in columns)])
    unfinished = path.with_name(f".{path.name}")
    # a dictionary of floats takes twice the time and makes the file larger
    with pq.ParquetWriter(unfinished, schema, compression="zstd", use_dictionary=[CUSTOMER, CUTOFF]) as file:
        for table in _tables(log, snapshots, grid, schema):
            file.write_table(table, row_group_size=ROWS)
    unfinished.replace(path)
    return len(snapshots)


def write_matrices(
    partitions: Partitions, grid: Grid, folder: Path, dask: str | None = None, on_progress: Advance | None = None
) -> int:
    """Writes the features of all partitions, one file each, and returns the number of rows.

    The parameters are those of ``map_partitions``; on a cluster its workers write to the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    task = partial(_write_one, grid, folder.resolve())
    return sum(map_partitions(task, partitions, dask, on_progress))


def _write_one(grid: Grid, folder: Path, partitions: Partitions, number: int) -> int:
    log = partitions.log(number)
    return write_matrix(log, Snapshots.grid(log, grid.cutoffs), grid, folder / f"{number:05d}.parquet")


def _tables(log: EventLog, snapshots: Snapshots, grid: Grid, schema: pa.Schema) -> Iterator[pa.Table]:
    per_customer = max(1, len(snapshots) // max(1, log.n_customers))
    for rows, block in grid.feature_set.blocks(log, grid.journey, snapshots, max(1, ROWS // per_customer)):
        ids = pa.array(log.customers[snapshots.customer[rows]], pa.string())
        cutoffs = pa.array(snapshots.cutoff[rows]).cast(pa.timestamp("us")).cast(schema.field(CUTOFF).type)
        features = np.ascontiguousarray(block.T)  # Parquet keeps columns together
        yield pa.table([ids, cutoffs, *(pa.array(column) for column in features)], schema=schema)

"""The least that any implementation does: read the file, put it in order, and fill as many numbers as are asked for."""

from collections.abc import Iterator
from pathlib import Path

import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rivals.columns import columns

BLOCK = 1024
ENCODED = ["event", "channel"]


def stream(path: Path, cutoffs: list[int]) -> Iterator[np.ndarray]:
    """Yields as many rows as there are features, of nothing but ones, in a block that is used again."""
    table = read(path)
    codes = {name: table[name].chunk(0).indices.to_numpy() for name in ENCODED}
    owner = table["customer_id"].to_numpy()
    order = grouped(owner - owner.min())
    time = table["timestamp"].chunk(0).cast("int64").to_numpy()[order]
    value = table["value"].to_numpy()[order]
    customer, event, channel = (column[order] for column in (owner, *codes.values()))
    first = time[np.append(True, customer[1:] != customer[:-1])]
    del event, channel, value  # to put them in order was the work
    rows = sum(int((first <= cutoff).sum()) for cutoff in cutoffs)
    block = np.empty((BLOCK, len(columns())), dtype=np.float32)
    for start in range(0, rows, BLOCK):
        block[:] = 1.0
        yield block[: rows - start]


def read(path: Path) -> pa.Table:
    """Returns the log with one dictionary per column; by row groups, as there is one for each of them to merge."""
    file = pq.ParquetFile(path, read_dictionary=ENCODED)
    groups = [file.read_row_group(number) for number in range(file.num_row_groups)]
    return pa.concat_tables(groups).unify_dictionaries().combine_chunks()


@numba.njit
def grouped(codes: np.ndarray) -> np.ndarray:
    """Returns where the rows of each customer stand, in their order: a counting sort."""
    following = np.zeros(codes.max() + 2, dtype=np.int64)
    for code in codes:
        following[code + 1] += 1
    following = np.cumsum(following)
    order = np.empty(len(codes), dtype=np.int64)
    for row, code in enumerate(codes):
        order[following[code]] = row
        following[code] += 1
    return order

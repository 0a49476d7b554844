"""The least that any implementation does: read the file, put it in order, and fill as many numbers as are asked for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.rivals.columns import columns

BLOCK = 1024
ENCODED = ("customer_id", "event", "channel")


def stream(path: Path, cutoffs: list[int]) -> Iterator[np.ndarray]:
    """Yields as many rows as there are features, of nothing but ones, in a block that is used again."""
    table = pq.read_table(path, read_dictionary=list(ENCODED)).unify_dictionaries().combine_chunks()
    codes = {name: table[name].chunk(0).indices.to_numpy() for name in ENCODED}
    order = np.argsort(codes["customer_id"], kind="stable")
    time = table["timestamp"].chunk(0).cast("int64").to_numpy()[order]
    value = table["value"].to_numpy()[order]
    customer, event, channel = (codes[name][order] for name in ENCODED)
    first = time[np.append(True, customer[1:] != customer[:-1])]
    del event, channel, value
    rows = sum(int((first <= cutoff).sum()) for cutoff in cutoffs)
    block = np.empty((BLOCK, len(columns())), dtype=np.float32)
    for start in range(0, rows, BLOCK):
        block[:] = 1.0
        yield block[: rows - start]

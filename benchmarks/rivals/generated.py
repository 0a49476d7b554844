"""Writes the generated log: a year of events in the order of time, as a shop would export them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.rivals.columns import CHANNELS, DAY, DAYS, EVENTS, PURCHASE, START

MEAN = 20
FIRST_NUMBER = 100_000  # of a customer


def write_log(path: Path, events: int, seed: int = 0) -> None:
    """Writes a log of about so many events; customers have 20 on average, geometrically distributed."""
    random = np.random.default_rng(seed)
    counts = random.geometric(1 / MEAN, size=events // MEAN)
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    total = len(owner)
    moment = START + random.integers(0, DAYS, size=total) * DAY + random.integers(1, DAY, size=total)
    order = np.argsort(moment)
    event = random.integers(0, len(EVENTS), size=total, dtype=np.int32)
    value = random.gamma(2.0, 20.0, size=total).round(2)
    table = pa.table(
        {
            "customer_id": owner[order].astype(np.int64) + FIRST_NUMBER,
            "timestamp": pa.array(moment[order], pa.timestamp("us", tz="UTC")),
            "event": encoded(event, EVENTS),
            "channel": encoded(random.integers(0, len(CHANNELS), size=total, dtype=np.int32), CHANNELS),
            "value": pa.array(value, mask=event != EVENTS.index(PURCHASE)),
        }
    )
    pq.write_table(table, path)


def encoded(codes: np.ndarray, names: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """Returns a dictionary-encoded text column."""
    return pa.DictionaryArray.from_arrays(codes, pa.array(names))

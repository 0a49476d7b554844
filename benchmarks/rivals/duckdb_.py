"""DuckDB with one query: the log joined with the cutoffs, and an aggregate with FILTER for each column."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks.rivals.columns import (
    CHANNELS,
    DAY,
    EVENTS,
    GROUPS,
    LONG,
    PURCHASE,
    SHORT,
    SUMMED,
    WINDOWS,
    columns,
)

BATCH = 50_000
PREPARED = f"""
    SELECT *,
        (time - lag(time) OVER own) / {DAY} AS gap,
        coalesce(lag(time) OVER own // {DAY} <> time // {DAY}, true) AS opens,
        CASE WHEN event = '{PURCHASE}' THEN (time - lag(time) OVER same) / {DAY} END AS purchase_gap
    FROM (SELECT customer_id, event, channel, value, epoch_us(timestamp) AS time FROM read_parquet($path))
    WINDOW own AS (PARTITION BY customer_id ORDER BY time),
        same AS (PARTITION BY customer_id, event = '{PURCHASE}' ORDER BY time)
"""  # noqa: S608 - constants


def stream(path: Path, cutoffs: list[int]) -> Iterator[pa.RecordBatch]:
    """Yields the features of every row, some rows at a time."""
    query = f"""
        WITH prepared AS ({PREPARED}), grouped AS (
            SELECT customer_id, cutoff, {", ".join(f'{what} AS "{name}"' for name, what in aggregates().items())}
            FROM prepared JOIN (SELECT unnest($cutoffs) AS cutoff) ON time <= cutoff
            GROUP BY customer_id, cutoff
        )
        SELECT customer_id, cutoff, {", ".join(selected())} FROM grouped
    """  # noqa: S608 - constants
    asked = {"path": str(path), "cutoffs": cutoffs}
    yield from duckdb.connect().sql(query, params=asked).to_arrow_reader(BATCH)


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    return pa.Table.from_batches(stream(path, cutoffs)).to_pandas()


def aggregates() -> dict[str, str]:
    """Returns the aggregate behind each column that has one."""
    within = {w: "true" if days is None else f"time > cutoff - {days * DAY}" for w, days in WINDOWS.items()}
    inside = {group: f"{column} = '{name}'" for group, (column, name) in GROUPS.items()}
    found = {"events_recency": f"(cutoff - max(time)) / {DAY}", "tenure": f"(cutoff - min(time)) / {DAY}"}
    for group, member in inside.items():
        found[f"{group}_recency"] = f"(cutoff - max(time) FILTER ({member})) / {DAY}"
        found |= {f"{group}_count_{w}": f"count(*) FILTER ({member} AND {held})" for w, held in within.items()}
    for window, held in within.items():
        found[f"events_count_{window}"] = f"count(*) FILTER ({held})"
        found[f"active_days_{window}"] = f"count(*) FILTER (opens AND {held})"
        found[f"{PURCHASE}_sum_{window}"] = f"coalesce(sum(value) FILTER ({held}), 0)"
        found |= {f"{PURCHASE}_{what}_{window}": f"{how}(value) FILTER ({held})" for what, how in KINDS.items()}
    for name in CHANNELS:
        member = inside[f"channel_{name}"]
        for w in SUMMED:
            found[f"channel_{name}_sum_{w}"] = f"coalesce(sum(value) FILTER ({member} AND {within[w]}), 0)"
    return found | gap_aggregates("events", "gap") | gap_aggregates(PURCHASE, "purchase_gap")


KINDS = {"mean": "avg", "max": "max"}


def gap_aggregates(group: str, gap: str) -> dict[str, str]:
    """Returns the last gap, their mean and their deviation."""
    return {
        f"{group}_gap_last": f"arg_max({gap}, time)",
        f"{group}_gap_mean": f"avg({gap})",
        f"{group}_gap_std": f"stddev_pop({gap})",
    }


def selected() -> list[str]:
    """Returns every column in its order, those that follow from others as what they are."""
    scale = WINDOWS[LONG] / WINDOWS[SHORT]
    computed = {f"{g}_overdue": f"{g}_recency / {g}_gap_mean" for g in (PURCHASE, "events")}
    for event in EVENTS:
        part, whole = f"{event}_count_{SHORT}", f"{event}_count_{LONG}"
        computed[f"{event}_trend_{SHORT}_{LONG}"] = f"{part} * {scale} / nullif({whole}, 0)"
    return [f'{computed[name]} AS "{name}"' if name in computed else f'"{name}"' for name in columns()]

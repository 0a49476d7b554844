"""DuckDB in two steps: one group for each customer, cutoff and window, then the windows side by side."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks.rivals.columns import CHANNELS, DAY, GROUPS, PURCHASE, SUMMED, WINDOWS
from benchmarks.rivals.duckdb_ import BATCH, PREPARED, gap_aggregates, selected

BEGINNINGS = ", ".join(f"('{window}', {-1 if days is None else days * DAY})" for window, days in WINDOWS.items())
HELD = {"count": "count(*)", "active": "count(*) FILTER (opens)", "sum": "coalesce(sum(value), 0)"}
HELD |= {"mean": "avg(value)", "max": "max(value)"}
HELD |= {group: f"count(*) FILTER ({column} = '{name}')" for group, (column, name) in GROUPS.items()}
HELD |= {f"sum_{name}": f"coalesce(sum(value) FILTER (channel = '{name}'), 0)" for name in CHANNELS}
LIFETIME = {f"{group}_last": f"max(time) FILTER ({column} = '{name}')" for group, (column, name) in GROUPS.items()}
LIFETIME |= {"events_last": "max(time)", "first": "min(time)"}
LIFETIME |= gap_aggregates("events", "gap") | gap_aggregates(PURCHASE, "purchase_gap")


def stream(path: Path, cutoffs: list[int]) -> Iterator[pa.RecordBatch]:
    """Yields the features of every row, some rows at a time."""
    query = f"""
        WITH prepared AS MATERIALIZED ({PREPARED}),
        cutoffs AS (SELECT unnest($cutoffs) AS cutoff),
        windows AS (SELECT cutoff, held, cutoff - width AS start
            FROM cutoffs, (VALUES {BEGINNINGS}) AS w(held, width) WHERE width > 0),
        held AS (SELECT customer_id, cutoff, held, {listed(HELD)}
            FROM prepared JOIN windows ON time > start AND time <= cutoff GROUP BY ALL),
        ever AS (SELECT customer_id, cutoff, {listed(HELD | LIFETIME)}
            FROM prepared JOIN cutoffs ON time <= cutoff GROUP BY ALL),
        wide AS (SELECT ever.customer_id, ever.cutoff, {", ".join(named())}
            FROM ever {" ".join(joins())})
        SELECT customer_id, cutoff, {", ".join(selected())} FROM wide
    """  # noqa: S608 - constants
    asked = {"path": str(path), "cutoffs": cutoffs}
    yield from duckdb.connect().sql(query, params=asked).to_arrow_reader(BATCH)


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    return pa.Table.from_batches(stream(path, cutoffs)).to_pandas()


def listed(columns: dict[str, str]) -> str:
    """Returns columns as a part of a SELECT."""
    return ", ".join(f'{what} AS "{name}"' for name, what in columns.items())


def joins() -> list[str]:
    """Returns a join with each window that has an end."""
    key = "customer_id, cutoff"
    ended = [window for window, days in WINDOWS.items() if days is not None]
    return [f"LEFT JOIN (FROM held WHERE held = '{w}') AS \"{w}\" USING ({key})" for w in ended]


def named() -> list[str]:
    """Returns every column under its name, those that follow from others excepted."""
    found = {name: f"ever.{name}" for name in gap_aggregates("events", "") | gap_aggregates(PURCHASE, "")}
    found |= {f"{group}_recency": f"(ever.cutoff - {group}_last) / {DAY}" for group in (*GROUPS, "events")}
    found["tenure"] = f"(ever.cutoff - first) / {DAY}"
    for window, days in WINDOWS.items():
        of = "ever" if days is None else f'"{window}"'
        counts = {"events_count": "count", "active_days": "active", f"{PURCHASE}_sum": "sum"}
        counts |= {f"{group}_count": group for group in GROUPS}
        counts |= {f"channel_{name}_sum": f"sum_{name}" for name in (CHANNELS if window in SUMMED else ())}
        found |= {f"{name}_{window}": f'coalesce({of}."{what}", 0)' for name, what in counts.items()}
        found |= {f"{PURCHASE}_{what}_{window}": f"{of}.{what}" for what in ("mean", "max")}
    return [f'{what} AS "{name}"' for name, what in found.items()]

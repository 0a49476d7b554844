"""Polars as it is usually written: a filtered group_by for each cutoff and window, joined by customer."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl

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
    window_starts,
)

MICROSECONDS = pl.col("timestamp").to_physical()
ZERO_IF_NONE = ("_count_", "_sum_", "active_days_")
"""In the names of columns that are zero, and not missing, where there is nothing."""


def stream(path: Path, cutoffs: list[int]) -> Iterator[pl.DataFrame]:
    """Yields the features of every row, cutoff by cutoff."""
    log = with_members(read(path))
    bought = log.filter(pl.col(PURCHASE) == 1).select("customer_id", "time", gap=gap())
    log = log.with_columns(gap=gap())
    for cutoff in cutoffs:
        past = log.filter(pl.col("time") <= cutoff)
        rows = past.lazy().group_by("customer_id").agg(*lifetime(cutoff), *gaps("events"))
        for window, start in window_starts(cutoff).items():
            held = past.lazy().filter(pl.col("time") > start).group_by("customer_id").agg(*held_in(window))
            rows = rows.join(held, on="customer_id", how="left")
        rhythm = bought.lazy().filter(pl.col("time") <= cutoff).group_by("customer_id").agg(*gaps(PURCHASE))
        rows = rows.join(rhythm, on="customer_id", how="left").with_columns(zero_if_none().fill_null(0))
        yield derived(rows, cutoff).select("customer_id", "cutoff", *columns()).collect()


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    return collected(stream(path, cutoffs))


def collected(tables: Iterator[pl.DataFrame]) -> pd.DataFrame:
    """Returns all rows as one pandas frame."""
    return pd.DataFrame(pl.concat(tables).to_dict(as_series=False))


def read(path: Path) -> pl.DataFrame:
    """Returns the log by customer and time, with ``opens`` where a customer's day begins."""
    rows = pl.scan_parquet(path).with_columns(time=MICROSECONDS)
    customer, day = pl.col("customer_id"), pl.col("time") // DAY
    opens = (customer != customer.shift(1)) | (day != day.shift(1))
    # the file is in the order of time
    ordered = rows.drop("timestamp").sort("customer_id", maintain_order=True)
    return ordered.with_columns(opens=opens.fill_null(True)).collect()


def with_members(log: pl.DataFrame) -> pl.DataFrame:
    """Adds for each group whether a row is in it and its time if so, and the values by channel."""
    member = {group: pl.col(column) == name for group, (column, name) in GROUPS.items()}
    values = {f"value_{name}": pl.when(member[f"channel_{name}"]).then(pl.col("value")) for name in CHANNELS}
    times = {f"{group}_time": pl.when(inside).then(pl.col("time")) for group, inside in member.items()}
    return log.with_columns(pl.col("opens").cast(pl.UInt8), **values, **times).with_columns(
        inside.cast(pl.UInt8).alias(group) for group, inside in member.items()
    )


def gap() -> pl.Expr:
    """Returns the days since the customer's previous row."""
    return pl.when(pl.col("customer_id") == pl.col("customer_id").shift(1)).then(pl.col("time").diff() / DAY)


def gaps(group: str) -> list[pl.Expr]:
    """Returns the last gap, their mean and their deviation."""
    days = pl.col("gap")
    return [
        days.last().alias(f"{group}_gap_last"),
        days.mean().alias(f"{group}_gap_mean"),
        pl.when(days.count() > 0).then(days.std(ddof=0)).alias(f"{group}_gap_std"),
    ]


def lifetime(cutoff: int) -> list[pl.Expr]:
    """Returns what looks back to the first event."""
    time = pl.col("time")
    return [
        *(((cutoff - pl.col(f"{group}_time").max()) / DAY).alias(f"{group}_recency") for group in GROUPS),
        ((cutoff - time.max()) / DAY).alias("events_recency"),
        ((cutoff - time.min()) / DAY).alias("tenure"),
    ]


def held_in(window: str) -> list[pl.Expr]:
    """Returns the counts and values of one window."""
    value = pl.col("value")
    channels = [pl.col(f"value_{name}").sum().alias(f"channel_{name}_sum_{window}") for name in CHANNELS]
    return [
        *(pl.col(group).sum().alias(f"{group}_count_{window}") for group in GROUPS),
        pl.len().alias(f"events_count_{window}"),
        pl.col("opens").sum().alias(f"active_days_{window}"),
        value.sum().alias(f"{PURCHASE}_sum_{window}"),
        value.mean().alias(f"{PURCHASE}_mean_{window}"),
        value.max().alias(f"{PURCHASE}_max_{window}"),
        *(channels if window in SUMMED else []),
    ]


def zero_if_none() -> pl.Expr:
    """Returns the columns that are zero where there is nothing."""
    return pl.col([name for name in columns() if any(part in name for part in ZERO_IF_NONE)])


def derived(rows: pl.LazyFrame, cutoff: int) -> pl.LazyFrame:
    """Adds the columns that follow from others, and the cutoff."""
    scale = WINDOWS[LONG] / WINDOWS[SHORT]
    overdue = {f"{g}_overdue": pl.col(f"{g}_recency") / pl.col(f"{g}_gap_mean") for g in (PURCHASE, "events")}
    trend = {
        f"{event}_trend_{SHORT}_{LONG}": pl.col(f"{event}_count_{SHORT}") * scale / pl.col(f"{event}_count_{LONG}")
        for event in EVENTS
    }
    return rows.with_columns(**overdue, **trend, cutoff=pl.lit(cutoff))

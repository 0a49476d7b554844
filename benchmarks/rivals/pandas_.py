"""pandas: for each cutoff and window a groupby of 0/1 columns, by the customer's number."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

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

VALUES = [f"value_{name}" for name in CHANNELS]


def stream(path: Path, cutoffs: list[int]) -> Iterator[pd.DataFrame]:
    """Yields the features of every row, cutoff by cutoff."""
    log = read(path)
    log = log.drop(columns=["event", "channel"])
    bought = log.loc[log[PURCHASE] == 1, ["customer_id", "time", "value"]]
    log, bought = log.assign(gap=gap(log)), bought.assign(gap=gap(bought))
    for cutoff in cutoffs:
        past, purchases = log[log["time"] <= cutoff], bought[bought["time"] <= cutoff]
        parts = [days_ago(past, cutoff), gaps(past, "events")]
        known = parts[0].index
        parts.append(gaps(purchases, PURCHASE).reindex(known))
        for window, start in window_starts(cutoff).items():
            parts += held(past[past["time"] > start], purchases[purchases["time"] > start], window, known)
        features = derived(pd.concat(parts, axis=1))[columns()]
        yield pd.concat([pd.DataFrame({"cutoff": cutoff}, index=known), features], axis=1).reset_index()


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    return pd.concat(stream(path, cutoffs), ignore_index=True)


def read(path: Path) -> pd.DataFrame:
    """Returns the log by customer and time, with a 0/1 column for each group and for a customer's new day."""
    log = pd.read_parquet(path)
    log["time"] = log.pop("timestamp").astype("int64")
    log = log.sort_values("customer_id", kind="stable", ignore_index=True)  # the file is in the order of time
    day = log["time"] // DAY
    opens = (log["customer_id"] != log["customer_id"].shift()) | (day != day.shift())
    member = {group: log[column] == name for group, (column, name) in GROUPS.items()}
    columns = {group: inside.astype("int8") for group, inside in member.items()}
    columns |= {f"{group}_time": log["time"].where(inside) for group, inside in member.items()}
    columns |= {f"value_{name}": log["value"].where(member[f"channel_{name}"]) for name in CHANNELS}
    return pd.concat([log, pd.DataFrame(columns | {"opens": opens.astype("int8")})], axis=1)


def gap(rows: pd.DataFrame) -> pd.Series:
    """Returns the days since the customer's previous row."""
    return (rows["time"].diff() / DAY).where(rows["customer_id"] == rows["customer_id"].shift())


def days_ago(past: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Returns recency and tenure."""
    grouped = past.groupby("customer_id")
    last = grouped[[*(f"{group}_time" for group in GROUPS), "time"]].max()
    last.columns = [*(f"{group}_recency" for group in GROUPS), "events_recency"]
    return (cutoff - pd.concat([last, grouped["time"].min().rename("tenure")], axis=1)) / DAY


def gaps(rows: pd.DataFrame, group: str) -> pd.DataFrame:
    """Returns the last gap, their mean and their deviation."""
    days = rows.groupby("customer_id")["gap"]
    return pd.DataFrame(
        {f"{group}_gap_last": days.last(), f"{group}_gap_mean": days.mean(), f"{group}_gap_std": days.std(ddof=0)}
    )


def held(rows: pd.DataFrame, purchases: pd.DataFrame, window: str, known: pd.Index) -> list[pd.DataFrame]:
    """Returns the counts and values of one window for all known customers."""
    grouped = rows.groupby("customer_id")
    counts = grouped[[*GROUPS, "opens"]].sum()
    counts.columns = [*(f"{group}_count_{window}" for group in GROUPS), f"active_days_{window}"]
    counts[f"events_count_{window}"] = grouped.size()
    spent = purchases.groupby("customer_id")["value"].agg(["sum", "mean", "max"]).reindex(known)
    spent.columns = [f"{PURCHASE}_{statistic}_{window}" for statistic in spent.columns]
    spent[f"{PURCHASE}_sum_{window}"] = spent[f"{PURCHASE}_sum_{window}"].fillna(0)
    parts = [counts.reindex(known, fill_value=0), spent]
    if window in SUMMED:
        channels = grouped[VALUES].sum().reindex(known, fill_value=0)
        parts.append(channels.set_axis([f"channel_{name}_sum_{window}" for name in CHANNELS], axis=1))
    return parts


def derived(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the columns that follow from others."""
    scale = WINDOWS[LONG] / WINDOWS[SHORT]
    overdue = {f"{g}_overdue": rows[f"{g}_recency"] / rows[f"{g}_gap_mean"] for g in (PURCHASE, "events")}
    trend = {
        f"{event}_trend_{SHORT}_{LONG}": rows[f"{event}_count_{SHORT}"] * scale / rows[f"{event}_count_{LONG}"]
        for event in EVENTS
    }
    return pd.concat([rows, pd.DataFrame(overdue | trend)], axis=1)

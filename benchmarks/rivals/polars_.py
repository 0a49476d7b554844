"""Polars with running counts: each window is the difference of two rows of one table, found by binary search.

The fastest of the ways tried: four times as fast as a group_by per cutoff and window (``polars_groups.py``), which in
turn beats one group_by per cutoff with a condition per column. No column is computed in Python.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pandas as pd
import polars as pl

from benchmarks.rivals.columns import CHANNELS, DAY, DAYS, GROUPS, PURCHASE, START, WINDOWS, columns, window_starts
from benchmarks.rivals.polars_groups import collected, derived, gap, read

MEMBER = {group: pl.col(column) == name for group, (column, name) in GROUPS.items()}
SECOND = 1_000_000
SPAN = DAYS * DAY // SECOND + 1
REMEMBERED = 20  # what one cutoff's windows begin with is what earlier ones ended with


def stream(path: Path, cutoffs: list[int]) -> Iterator[pl.DataFrame]:
    """Yields the features of every row, cutoff by cutoff."""
    log = read(path)
    bought = log.filter(MEMBER[PURCHASE]).select("customer_id", "time", "value", gap=gap())
    running, latest, bests = running_counts(log), latest_facts(log), purchase_facts(bought)
    # whole seconds, rounded up: in microseconds the numbers outgrow 64 bits at 300,000 customers
    seconds = (pl.col("time") - START + SECOND - 1) // SECOND
    key = log.select(pl.col("customer_id") * SPAN + seconds).to_series()
    owners = owners_of(log)
    base = owners["customer_id"] * SPAN

    @lru_cache(maxsize=REMEMBERED)
    def state(moment: int) -> pl.DataFrame:
        place = (
            owners["start"] if moment < START else key.search_sorted(base + (moment - START) // SECOND, side="right")
        )
        return running.select(pl.all().gather(place)).with_columns(events=place.cast(pl.Int32))

    for cutoff in cutoffs:
        past = state(cutoff)
        last = latest.select(pl.all().gather((past["events"] - 1).clip(0)))
        wide = [owners.select("customer_id", "first"), peaks(owners, bought, cutoff)]
        wide += [last, bests.select(pl.all().gather(last["purchase"]))]
        wide += [named(past - state(start), window) for window, start in window_starts(cutoff).items()]
        rows = pl.concat(wide, how="horizontal").lazy().filter(pl.col("first") <= cutoff)
        rows = derived(rows.with_columns(*days_ago(cutoff)), cutoff)
        yield rows.select("customer_id", "cutoff", *columns()).collect()


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    return collected(stream(path, cutoffs))


def owners_of(log: pl.DataFrame) -> pl.DataFrame:
    """Returns the customers in order, when each came first, and where its rows start."""
    grouped = log.lazy().group_by("customer_id", maintain_order=True)
    sizes = grouped.agg(pl.len(), first=pl.col("time").min())
    return sizes.with_columns(start=(pl.col("len").cum_sum() - pl.col("len")).cast(pl.UInt32)).collect()


def running_counts(log: pl.DataFrame) -> pl.DataFrame:
    """Returns how much there was before each row, and after the last: counts, active days and sums."""
    value = pl.col("value").fill_null(0)
    channels = {name: pl.when(MEMBER[f"channel_{name}"]).then(value).otherwise(0) for name in CHANNELS}
    counted = log.lazy().select(
        *(member.cast(pl.Int32).cum_sum().alias(group) for group, member in MEMBER.items()),
        active_days=pl.col("opens").cast(pl.Int32).cum_sum(),
        purchase_sum=value.cum_sum(),
        **{f"sum_{name}": amount.cum_sum() for name, amount in channels.items()},
    )
    nothing = counted.head(1).select(pl.all() * 0)
    return pl.concat([nothing, counted]).collect().rechunk()


def latest_facts(log: pl.DataFrame) -> pl.DataFrame:
    """Returns for each row when each group came last, the number of the last purchase, and the gaps so far."""
    begin = pl.when(pl.col("row") == pl.col("row").min().over("customer_id")).then(pl.col("row")).forward_fill()
    place = {group: pl.when(member).then(pl.col("row")).forward_fill() for group, member in MEMBER.items()}
    time = {group: pl.when(member).then(pl.col("time")).forward_fill() for group, member in MEMBER.items()}
    number = MEMBER[PURCHASE].cast(pl.Int32).cum_sum() - 1
    known = log.lazy().with_row_index("row").with_columns(begin=begin)
    facts = known.select(
        *(pl.when(place[group] >= pl.col("begin")).then(time[group]).alias(f"{group}_last") for group in MEMBER),
        events_last="time",
        purchase=pl.when(place[PURCHASE] >= pl.col("begin")).then(number),
    )
    gaps = with_gaps(log.lazy().select("customer_id", gap=gap()), "events").drop("customer_id")
    return pl.concat([facts.collect(), gaps.collect()], how="horizontal").rechunk()


def purchase_facts(bought: pl.DataFrame) -> pl.DataFrame:
    """Returns for each purchase the largest value and the gaps so far."""
    largest = pl.col("value").cum_max().over("customer_id").alias(f"{PURCHASE}_max_lifetime")
    return (
        with_gaps(bought.lazy().select("customer_id", "gap", largest), PURCHASE).drop("customer_id").collect().rechunk()
    )


def with_gaps(rows: pl.LazyFrame, group: str) -> pl.LazyFrame:
    """Replaces the gap of each row by the last one, the mean and the deviation so far."""
    days, count = pl.col("gap").fill_null(0), pl.int_range(pl.len()).over("customer_id")
    mean, square = pl.col("total") / pl.col("count"), pl.col("squares") / pl.col("count")
    sums = rows.with_columns(
        total=days.cum_sum().over("customer_id"),
        squares=(days * days).cum_sum().over("customer_id"),
        count=pl.when(count > 0).then(count),
    )
    return sums.with_columns(
        pl.col("gap").alias(f"{group}_gap_last"),
        mean.alias(f"{group}_gap_mean"),
        (square - mean * mean).clip(0).sqrt().alias(f"{group}_gap_std"),
    ).drop("gap", "total", "squares", "count")


def peaks(owners: pl.DataFrame, bought: pl.DataFrame, cutoff: int) -> pl.DataFrame:
    """Returns the largest value in each window that has an end, in the order of the customers."""
    starts = {window: start for window, start in window_starts(cutoff).items() if start}
    recent = bought.lazy().filter(pl.col("time").is_between(min(starts.values()), cutoff, closed="right"))
    value, time = pl.col("value"), pl.col("time")
    largest = recent.group_by("customer_id").agg(
        value.filter(time > start).max().alias(f"{PURCHASE}_max_{window}") for window, start in starts.items()
    )
    joined = owners.lazy().select("customer_id").join(largest, on="customer_id", how="left", maintain_order="left")
    return joined.drop("customer_id").collect()


def named(difference: pl.DataFrame, window: str) -> pl.DataFrame:
    """Returns what a window holds under the names of its columns."""
    names = {group: f"{group}_count_{window}" for group in (*MEMBER, "events")}
    names |= {"active_days": f"active_days_{window}", "purchase_sum": f"{PURCHASE}_sum_{window}"}
    return difference.rename(names | {f"sum_{name}": f"channel_{name}_sum_{window}" for name in CHANNELS})


def days_ago(cutoff: int) -> list[pl.Expr]:
    """Returns the columns in days before the cutoff, and the means."""
    sums = {window: pl.col(f"{PURCHASE}_sum_{window}") for window in WINDOWS}
    return [
        ((cutoff - pl.col("first")) / DAY).alias("tenure"),
        *(((cutoff - pl.col(f"{group}_last")) / DAY).alias(f"{group}_recency") for group in (*MEMBER, "events")),
        *((sums[w] / pl.col(f"{PURCHASE}_count_{w}")).alias(f"{PURCHASE}_mean_{w}") for w in WINDOWS),
    ]

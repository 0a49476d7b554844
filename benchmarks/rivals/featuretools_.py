"""Featuretools: its primitives with cutoff times and training windows, one pass for each window.

It runs in an environment of its own and on a sample of the customers. Its columns are of the same kinds: counts by
event and by channel, and the sum, mean and maximum of purchases in every window, and when each kind of event came last.
Only primitives that it hands over to pandas as a whole are used: those it applies customer by customer, such as the
time since the last event or the mean gap, cost it three times as much per column.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.rivals.columns import CHANNELS, DAY, EVENTS, PURCHASE, WINDOWS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports what its dependencies have announced to remove
    import featuretools as ft
    from featuretools.primitives import Count, Max, Mean, Min, Sum


def stream(path: Path, cutoffs: list[int]) -> Iterator[pd.DataFrame]:
    """Yields the features of every row, window by window."""
    events = read(path)
    entities = entity_set(events)
    rows = cutoff_times(events, cutoffs)
    for days in WINDOWS.values():
        yield ft.calculate_feature_matrix(
            features=features(entities, lifetime=days is None),
            entityset=entities,
            cutoff_time=rows,
            training_window=None if days is None else f"{days} days",
            include_cutoff_time=True,
            verbose=False,
        )


def read(path: Path) -> pd.DataFrame:
    """Returns the log with a number for each event; Featuretools takes no time zones."""
    events = pd.read_parquet(path)
    events["timestamp"] = events["timestamp"].dt.tz_localize(None)
    days = events["timestamp"].astype("int64") / DAY
    return events.assign(event_id=range(len(events)), day=days)


def entity_set(events: pd.DataFrame) -> ft.EntitySet:
    """Returns customers and their events."""
    entities = ft.EntitySet("shop")
    entities.add_dataframe(dataframe=events, dataframe_name="events", index="event_id", time_index="timestamp")
    # without a time index: with one, a window leaves out the customers whose first event lies before it
    entities.normalize_dataframe("events", "customers", "customer_id", make_time_index=False)
    return entities


def cutoff_times(events: pd.DataFrame, cutoffs: list[int]) -> pd.DataFrame:
    """Returns a row for each cutoff and each customer who has an event at or before it."""
    first = events.groupby("customer_id", observed=True)["timestamp"].min()
    moments = pd.to_datetime(cutoffs, unit="us")
    rows = [pd.DataFrame({"customer_id": first.index[first <= moment], "time": moment}) for moment in moments]
    return pd.concat(rows, ignore_index=True)


def features(entities: ft.EntitySet, lifetime: bool) -> list[ft.FeatureBase]:
    """Returns what is computed in each window, and with ``lifetime`` what looks back to the first event."""

    def of(column: str, primitive: object, where: ft.FeatureBase | None = None) -> ft.FeatureBase:
        source = ft.Feature(entities["events"].ww[column])
        return ft.Feature(source, parent_dataframe_name="customers", where=where, primitive=primitive)

    event, channel = (ft.Feature(entities["events"].ww[name]) for name in ("event", "channel"))
    groups = [event == name for name in EVENTS] + [channel == name for name in CHANNELS]
    bought = event == PURCHASE
    found = [of("event_id", Count, where) for where in (*groups, None)]
    found += [of("value", primitive, bought) for primitive in (Sum, Mean, Max)]
    if lifetime:
        found += [of("day", Max, where) for where in (*groups, None)]
        found.append(of("day", Min))
    return found


def cells(table: pd.DataFrame) -> int:
    """Returns how many features a table holds."""
    return table.size


def counted(table: pd.DataFrame) -> int:
    """Returns the number of events in all windows of all rows."""
    return int(table["COUNT(events)"].sum())

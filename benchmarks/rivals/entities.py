"""What both uses of Featuretools share: customers and their events, the rows to compute, and features by name."""

from pathlib import Path

import featuretools as ft
import pandas as pd
from featuretools.primitives import AggregationPrimitive

from benchmarks.rivals.columns import DAY, GROUPS, WINDOWS

TYPES = {"customer_id": "Integer", "day": "Categorical"}
"""What Featuretools would otherwise have to guess."""


def read(path: Path) -> pd.DataFrame:
    """Returns the log with a number for each event, and its time and its day in days; it takes no time zones."""
    events = pd.read_parquet(path)
    events["timestamp"] = events["timestamp"].dt.tz_localize(None)
    days = events["timestamp"].astype("int64") / DAY
    return events.assign(event_id=range(len(events)), moment=days, day=days.astype("int64"))


def entity_set(events: pd.DataFrame) -> ft.EntitySet:
    """Returns customers and their events."""
    entities = ft.EntitySet("shop")
    entities.add_dataframe(events, "events", index="event_id", time_index="timestamp", logical_types=TYPES)
    # without a time index: with one, a window leaves out the customers whose first event lies before it
    entities.normalize_dataframe("events", "customers", "customer_id", make_time_index=False)
    return entities


def cutoff_times(events: pd.DataFrame, cutoffs: list[int]) -> pd.DataFrame:
    """Returns a row for each cutoff and each customer who has an event at or before it."""
    first = events.groupby("customer_id")["timestamp"].min()
    moments = pd.to_datetime(cutoffs, unit="us")
    rows = [pd.DataFrame({"customer_id": first.index[first <= moment], "time": moment}) for moment in moments]
    return pd.concat(rows, ignore_index=True)


def groups(entities: ft.EntitySet) -> dict[str, ft.FeatureBase | None]:
    """Returns the condition that an event is in each group; there is none for all events."""
    known = {column: ft.Feature(entities["events"].ww[column]) for column in ("event", "channel")}
    return {group: known[column] == name for group, (column, name) in GROUPS.items()} | {"events": None}


def aggregated(
    name: str,
    source: ft.FeatureBase,
    primitive: AggregationPrimitive | type[AggregationPrimitive],
    where: ft.FeatureBase | None = None,
    window: str = "lifetime",
) -> ft.FeatureBase:
    """Returns a feature of a customer, computed from the rows in a window where a condition holds."""
    days = WINDOWS[window]
    previous = None if days is None else f"{days} days"
    feature = ft.Feature(
        source, parent_dataframe_name="customers", primitive=primitive, where=where, use_previous=previous
    )
    return feature.rename(name)


def matrix(features: list[ft.FeatureBase], entities: ft.EntitySet, rows: pd.DataFrame) -> pd.DataFrame:
    """Returns the features of every row."""
    return ft.calculate_feature_matrix(
        features=features, entityset=entities, cutoff_time=rows, include_cutoff_time=True, verbose=False
    )


def counted(table: pd.DataFrame) -> int:
    """Returns the number of events in all windows of all rows."""
    return int(table[[f"events_count_{window}" for window in WINDOWS]].sum().sum())

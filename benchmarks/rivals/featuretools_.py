"""Featuretools on the same features: all 130 columns with its own primitives, as its users write them.

It runs in an environment of its own and on a sample of the customers. A window is ``use_previous``, a group of events
is ``where``; gaps are its time since the previous row of the customer, for which purchases are a table of their own.
Its conventions are not ours: deviations are those of a sample, and active days are missing where they are none.
"""

from collections.abc import Iterator
from pathlib import Path

import featuretools as ft
import pandas as pd
from featuretools.primitives import (
    AvgTimeBetween,
    Count,
    DivideNumeric,
    Last,
    Max,
    Mean,
    MultiplyNumericScalar,
    NumUnique,
    Std,
    Sum,
    TimeSinceFirst,
    TimeSinceLast,
    TimeSincePrevious,
)

from benchmarks.rivals import entities as shared
from benchmarks.rivals.columns import CHANNELS, EVENTS, LONG, PURCHASE, SHORT, SUMMED, WINDOWS, columns
from benchmarks.rivals.entities import aggregated, groups

Features = dict[str, ft.FeatureBase]
counted = shared.counted


def stream(path: Path, cutoffs: list[int]) -> Iterator[pd.DataFrame]:
    """Yields the features of every row at once."""
    events = shared.read(path)
    entities = with_purchases(shared.entity_set(events), events)
    found = features(entities)
    rows = shared.cutoff_times(events, cutoffs)
    yield shared.matrix([found[name] for name in columns()], entities, rows)


def with_purchases(entities: ft.EntitySet, events: pd.DataFrame) -> ft.EntitySet:
    """Adds the purchases once more as a table of their own."""
    bought = events.loc[events["event"] == PURCHASE, ["event_id", "customer_id", "timestamp"]]
    types = {"customer_id": "Integer"}
    entities.add_dataframe(bought, PURCHASE, index="event_id", time_index="timestamp", logical_types=types)
    return entities.add_relationship("customers", "customer_id", PURCHASE, "customer_id")


def features(entities: ft.EntitySet) -> Features:
    """Returns every column by its name."""
    member = groups(entities)
    number, time, value, day = (
        ft.Feature(entities["events"].ww[name]) for name in ("event_id", "timestamp", "value", "day")
    )
    made = [
        *(aggregated(f"{g}_count_{w}", number, Count, where, w) for g, where in member.items() for w in WINDOWS),
        *(aggregated(f"{g}_recency", time, TimeSinceLast(unit="days"), where) for g, where in member.items()),
        *(
            aggregated(f"{PURCHASE}_{kind.name}_{w}", value, kind, member[PURCHASE], w)
            for kind in (Sum, Mean, Max)
            for w in WINDOWS
        ),
        *(
            aggregated(f"channel_{name}_sum_{w}", value, Sum, member[f"channel_{name}"], w)
            for name in CHANNELS
            for w in SUMMED
        ),
        *(aggregated(f"active_days_{w}", day, NumUnique, window=w) for w in WINDOWS),
        aggregated("tenure", time, TimeSinceFirst(unit="days")),
        *gaps(entities, PURCHASE),
        *gaps(entities, "events"),
    ]
    return derived({feature.get_name(): feature for feature in made})


def gaps(entities: ft.EntitySet, table: str) -> list[ft.FeatureBase]:
    """Returns the last gap between the rows of a table, their mean and their deviation."""
    time, customer = (ft.Feature(entities[table].ww[name]) for name in ("timestamp", "customer_id"))
    gap = ft.Feature(time, groupby=customer, primitive=TimeSincePrevious(unit="days"))
    return [
        aggregated(f"{table}_gap_last", gap, Last),
        aggregated(f"{table}_gap_mean", time, AvgTimeBetween(unit="days")),
        aggregated(f"{table}_gap_std", gap, Std),
    ]


def derived(found: Features) -> Features:
    """Adds the columns that follow from others."""
    scaled = MultiplyNumericScalar(value=WINDOWS[LONG] / WINDOWS[SHORT])
    for group in (PURCHASE, "events"):
        found[f"{group}_overdue"] = ratio(found[f"{group}_recency"], found[f"{group}_gap_mean"])
    for event in EVENTS:
        share = ratio(found[f"{event}_count_{SHORT}"], found[f"{event}_count_{LONG}"])
        found[f"{event}_trend_{SHORT}_{LONG}"] = ft.Feature(share, primitive=scaled)
    return {name: feature.rename(name) for name, feature in found.items()}


def ratio(part: ft.FeatureBase, whole: ft.FeatureBase) -> ft.FeatureBase:
    """Returns a feature divided by another."""
    return ft.Feature([part, whole], primitive=DivideNumeric)

"""Featuretools with only those primitives that it hands over to pandas as a whole.

They make 98 columns: counts by event and by channel, and the sum, mean and maximum of purchases in every window, and
the moment of the last event of each kind and of the first. What it applies customer by customer is left out: the time
since the last event, gaps, tenure. It runs in the environment of ``featuretools_.py``, on a sample of the customers.
"""

from collections.abc import Iterator
from pathlib import Path

import featuretools as ft
import pandas as pd
from featuretools.primitives import Count, Max, Mean, Min, Sum

from benchmarks.rivals import entities as shared
from benchmarks.rivals.columns import PURCHASE, WINDOWS
from benchmarks.rivals.entities import aggregated, groups

counted = shared.counted


def stream(path: Path, cutoffs: list[int]) -> Iterator[pd.DataFrame]:
    """Yields the features of every row at once."""
    events = shared.read(path)
    entities = shared.entity_set(events)
    yield shared.matrix(features(entities), entities, shared.cutoff_times(events, cutoffs))


def features(entities: ft.EntitySet) -> list[ft.FeatureBase]:
    """Returns what is computed in each window, and what looks back to the first event."""
    member = groups(entities)
    number, value, moment = (ft.Feature(entities["events"].ww[name]) for name in ("event_id", "value", "moment"))
    return [
        *(aggregated(f"{g}_count_{w}", number, Count, where, w) for g, where in member.items() for w in WINDOWS),
        *(
            aggregated(f"{PURCHASE}_{kind.name}_{w}", value, kind, member[PURCHASE], w)
            for kind in (Sum, Mean, Max)
            for w in WINDOWS
        ),
        *(aggregated(f"{g}_last", moment, Max, where) for g, where in member.items()),
        aggregated("first", moment, Min),
    ]


def cells(table: pd.DataFrame) -> int:
    """Returns how many features a table holds."""
    return table.size

"""The feature engine of this project."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.rivals.columns import EVENTS, LONG, PURCHASE, SHORT, SUMMED, WINDOWS
from features.aggregations import ActiveDays, Count, Gaps, Max, Mean, Recency, Sum, Tenure, Trend
from features.arrays import Ints, Singles
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.snapshots import Snapshots
from features.sources.files import read_log

JOURNEY = Journey.from_dict(
    {
        "name": "benchmark",
        "activity": list(EVENTS),
        "purchase": [PURCHASE],
        "stages": [{"name": "customer", "rules": [{"events": [PURCHASE]}]}],
    }
)
BY = ("event", "channel", "all")


def feature_set(log: EventLog) -> FeatureSet:
    """Returns the columns of the comparison."""
    every = tuple(WINDOWS)
    return FeatureSet(
        (
            *(Count(by=by, windows=every) for by in BY),
            *(Recency(by=by) for by in BY),
            Trend(short=SHORT, long=LONG),
            *(kind(values=(PURCHASE,), windows=every) for kind in (Sum, Mean, Max)),
            Sum(by="channel", windows=SUMMED),
            Gaps(values=(PURCHASE,)),
            Gaps(by="all"),
            ActiveDays(windows=every),
            Tenure(),
        )
    ).bind(log, JOURNEY)


def stream(path: Path, cutoffs: list[int]) -> Iterator[Singles]:
    """Yields the features of every row, some customers at a time; the next block overwrites the last."""
    for _, block in _blocks(read_log(path), cutoffs):
        yield block


def frame(path: Path, cutoffs: list[int]) -> pd.DataFrame:
    """Returns the features of every row with ``customer_id`` and ``cutoff``."""
    log = read_log(path)
    rows = Snapshots.grid(log, np.array(cutoffs))
    features = pd.DataFrame(feature_set(log).compute(log, JOURNEY, rows), columns=list(feature_set(log).columns))
    return features.assign(customer_id=log.customers[rows.customer], cutoff=rows.cutoff)


def _blocks(log: EventLog, cutoffs: list[int]) -> Iterator[tuple[Ints, Singles]]:
    return feature_set(log).blocks(log, JOURNEY, Snapshots.grid(log, np.array(cutoffs)))

"""A log as the kernel reads it: codes that the plan knows, and the measures and attributes that it needs."""

import numpy as np

from features.arrays import Codes, Floats, plain
from features.events import EventLog
from features.plan import Plan
from features.spec import Events


def encode(log: EventLog, plan: Plan) -> Events:
    """Returns the log for the kernel: 4 bytes per event and dimension, and a copy of measures if there are several."""
    return Events(
        indptr=plain(log.indptr, np.int64),
        time=plain(log.time, np.int64),
        kinds=_kinds(log, plan),
        measures=_stacked([log.measures.get(name) for name in plan.measures], log.n_events),
        attributes=_stacked([attribute.numbers(log) for attribute in plan.attributes], log.n_customers),
    )


def _kinds(log: EventLog, plan: Plan) -> Codes:
    kinds = np.empty((log.n_events, len(plan.dimensions)), dtype=np.int32)
    shift = 0
    for place, (name, places) in enumerate(plan.dimensions.items()):
        dimension = log.dimensions.get(name)
        if dimension is None:
            kinds[:, place] = shift
        else:
            known = [places.get(text, 0) + shift for text in dimension.names]
            kinds[:, place] = np.array([*known, shift], dtype=np.int32)[dimension.codes]  # code -1 finds the last one
        shift += len(places)
    return kinds


def _stacked(columns: list[Floats | None], length: int) -> Floats:
    """Returns columns as rows of one array, NaN for one that is missing; a single column is not copied."""
    if len(columns) == 1 and columns[0] is not None:
        alone: Floats = plain(columns[0], np.float64).reshape(1, -1)
        return alone
    stacked = np.full((len(columns), length), np.nan)
    for row, column in enumerate(columns):
        if column is not None:
            stacked[row] = column
    return stacked

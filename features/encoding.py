"""A log as the kernel reads it: codes that the plan knows, and the measures and attributes that it needs."""

import numpy as np

from features.arrays import Codes, Floats, plain
from features.events import EventLog
from features.kernel.spec import Events
from features.kinds import Kinds
from features.plan import Plan


def encode(log: EventLog, plan: Plan, kinds: Kinds) -> Events:
    """Returns the log for the kernel: 4 bytes per event and dimension, and a copy of measures if there are several."""
    return Events(
        indptr=plain(log.indptr, np.int64),
        time=plain(log.time, np.int64),
        kinds=kinds.of(log),
        codes=_codes(log, plan),
        measures=_stacked([log.measures.get(name) for name in plan.measures], log.n_events),
        attributes=_stacked([attribute.numbers(log) for attribute in plan.attributes], log.n_customers),
    )


def _codes(log: EventLog, plan: Plan) -> Codes:
    codes = np.full((len(plan.varied), log.n_events), -1, dtype=np.int32)
    for row, name in enumerate(plan.varied):
        if name in log.dimensions:
            codes[row] = log.dimensions[name].codes
    return codes


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

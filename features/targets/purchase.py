"""Whether a customer buys, and for how much."""

from dataclasses import dataclass

import numpy as np
from typing_extensions import override

from features.arrays import Bools, Floats
from features.durations import parse_duration
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey
from features.segments import positions_at, segment_sum, select
from features.snapshots import Snapshots
from features.targets.firsts import NOTHING, Firsts, first_events
from features.targets.target import Target


@dataclass(frozen=True)
class Purchase(Target):
    """Whether at least one purchase comes in the horizon; refunds and negative values are none."""

    kind = "purchase"

    @override
    def firsts(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Firsts:
        return first_events(log, np.where(purchases(log, journey), 0, NOTHING), snapshots)


def purchases(log: EventLog, journey: Journey) -> Bools:
    """Says which events of the log are purchases."""
    # a missing value is not negative
    return log.dimensions[EVENT].is_in(journey.purchase) & ~(log.measures[VALUE] < 0)


def spending(log: EventLog, journey: Journey, snapshots: Snapshots, horizon: str) -> Floats:
    """Returns the value of each snapshot's purchases in the horizon, shape (rows,); a missing value counts as zero."""
    bought = select(log.indptr, log.time, purchases(log, journey))
    start = positions_at(bought, snapshots.customer, snapshots.cutoff)
    stop = positions_at(bought, snapshots.customer, snapshots.cutoff + parse_duration(horizon))
    return segment_sum(np.nan_to_num(log.measures[VALUE][bought.rows]), start, stop)

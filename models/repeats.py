"""Repeat purchases of customers at their cutoffs: what BG/NBD and gamma-gamma look at."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.durations import DAY
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey
from features.segments import Selection, positions_at, segment_sum, select
from features.snapshots import Snapshots


@dataclass(frozen=True, eq=False)
class RepeatPurchases:
    """What the models know of customers who have bought at least once; every field of shape (rows,).

    Parameters
    ----------
    frequency
        The number of purchases after the first.
    recency
        Time from the first purchase to the last; 0 where there is only one.
    age
        Time from the first purchase to now, in the same unit.
    """

    frequency: Floats
    recency: Floats
    age: Floats

    def __len__(self) -> int:
        return len(self.frequency)

    def take(self, rows: Ints | Bools) -> "RepeatPurchases":
        """Returns some of the rows."""
        return RepeatPurchases(self.frequency[rows], self.recency[rows], self.age[rows])

    def per(self, unit: float) -> "RepeatPurchases":
        """Returns the same with time in another unit, given in the present one."""
        return RepeatPurchases(self.frequency, self.recency / unit, self.age / unit)


def repeat_purchases(log: EventLog, journey: Journey, snapshots: Snapshots) -> RepeatPurchases:
    """Returns the repeat purchases up to each cutoff, in days; NaN for who has not bought yet.

    The usual definition: the purchases of one UTC day are one, and times are whole days. What counts as a purchase is
    what the target Purchase counts: no refund and no negative value.
    """
    days = _buying_days(log, _bought(log, journey))
    start, stop = days.indptr[snapshots.customer], positions_at(days, snapshots.customer, snapshots.cutoff)
    day = np.append(days.time, 0) // DAY
    first, last = day[np.minimum(start, len(day) - 1)], day[np.maximum(stop - 1, 0)]
    has = start < stop
    return RepeatPurchases(
        np.where(has, stop - start - 1.0, np.nan),
        np.where(has, last - first, np.nan),
        np.where(has, snapshots.cutoff // DAY - first, np.nan),
    )


def repeat_value(log: EventLog, journey: Journey, snapshots: Snapshots) -> Floats:
    """Returns the mean value of a day with repeat purchases up to each cutoff, shape (rows,); NaN without such a day.

    The first day is left out, as the value of a first purchase is often unlike the others'.
    """
    bought = _bought(log, journey)
    purchases, days = select(log.indptr, log.time, bought), _buying_days(log, bought)
    customer = snapshots.customer
    first = np.append(days.time, 0)[np.minimum(days.indptr[customer], len(days.time))] // DAY
    start = positions_at(purchases, customer, (first + 1) * DAY - 1)
    stop = positions_at(purchases, customer, snapshots.cutoff)
    value = np.nan_to_num(log.measures[VALUE][purchases.rows])
    number = positions_at(days, customer, snapshots.cutoff) - days.indptr[customer] - 1
    total = segment_sum(value, np.minimum(start, stop), stop)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _bought(log: EventLog, journey: Journey) -> Bools:
    return log.dimensions[EVENT].is_in(journey.purchase) & ~(log.measures[VALUE] < 0)


def _buying_days(log: EventLog, bought: Bools) -> Selection:
    """Returns the first purchase of each customer's days."""
    purchases = select(log.indptr, log.time, bought)
    day, customer = purchases.time // DAY, log.customer[purchases.rows]
    opens = np.append(True, (day[1:] != day[:-1]) | (customer[1:] != customer[:-1]))[: len(day)]
    return select(purchases.indptr, purchases.time, opens)

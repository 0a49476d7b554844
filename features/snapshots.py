"""The rows (customer, cutoff) at which the world is looked at."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Ints
from features.events import EventLog

NOBODY: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Pairs of a customer's position in a log and a cutoff in UTC microseconds, both of shape (rows,)."""

    customer: Ints
    cutoff: Ints

    def __len__(self) -> int:
        return len(self.cutoff)

    @classmethod
    def grid(cls, log: EventLog, cutoffs: Ints) -> "Snapshots":
        """Returns a row for each cutoff and each customer who has an event at or before it, cutoff by cutoff."""
        first = first_times(log)
        known = [np.flatnonzero(first <= cutoff) for cutoff in cutoffs]
        return cls(np.concatenate([NOBODY, *known]), np.repeat(cutoffs, [len(customers) for customers in known]))

    @classmethod
    def at(cls, log: EventLog, cutoff: int) -> "Snapshots":
        """Returns a row for every customer of the log, those without an event included, at one instant."""
        return cls(np.arange(log.n_customers, dtype=np.int64), np.full(log.n_customers, cutoff, dtype=np.int64))

    @classmethod
    def every_event(cls, log: EventLog) -> "Snapshots":
        """Returns a row at each event of each customer."""
        return cls(log.customer.astype(np.int64), log.time)

    def take(self, rows: Ints | Bools) -> "Snapshots":
        """Returns some of the rows."""
        return Snapshots(self.customer[rows], self.cutoff[rows])


def first_times(log: EventLog) -> Ints:
    """Returns each customer's first event time, shape (customers,); the largest integer for one without events."""
    first = np.full(log.n_customers, np.iinfo(np.int64).max)
    present = np.diff(log.indptr) > 0
    first[present] = log.time[log.indptr[:-1][present]]
    return first


def regular_cutoffs(start: int, stop: int, every: int) -> Ints:
    """Returns cutoffs ``every`` microseconds apart that end exactly at ``stop`` and do not lie before ``start``.

    Examples
    --------
    >>> regular_cutoffs(0, 10, 4)
    array([ 2,  6, 10])
    """
    return np.arange(stop, start - 1, -every, dtype=np.int64)[::-1].copy()

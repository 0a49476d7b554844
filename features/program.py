"""A feature set made ready for one journey: encodes logs for the kernel and runs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.arrays import Ints, Singles
from features.encoding import encode, plain
from features.events import EventLog
from features.history import History
from features.plan import Plan
from features.snapshots import Snapshots
from features.spec import Rows, Spec
from features.windows import fill, rows_by_customer

SPARSE = 4
"""From this many customers per row on, it is cheaper to take the asked ones out of the log first."""


@dataclass(frozen=True, eq=False)
class Program:
    """The plan of one feature set and journey, ready to run on any log."""

    plan: Plan

    @cached_property
    def spec(self) -> Spec:
        """What the kernel is told."""
        return self.plan.spec()

    def matrix(self, log: EventLog, snapshots: Snapshots) -> Singles:
        """Returns the features of each snapshot, shape (rows, columns), in the order of the snapshots."""
        out = np.empty((len(snapshots), self.plan.columns), dtype=np.float32)
        if len(snapshots) * SPARSE < log.n_customers:
            asked, customer = np.unique(snapshots.customer, return_inverse=True)
            log, snapshots = log.select(asked), Snapshots(customer.astype(np.int64), snapshots.cutoff)
        rows, order = sorted_rows(log, snapshots)
        fill(self.spec, encode(log, self.plan), rows, order, (0, log.n_customers), out)
        self._interpret(log, snapshots, out)
        return out

    def blocks(self, log: EventLog, snapshots: Snapshots, size: int) -> Iterator[tuple[Ints, Singles]]:
        """Yields the rows and the features of ``size`` customers at a time; the next block overwrites the last."""
        rows, order = sorted_rows(log, snapshots)
        events = encode(log, self.plan)
        bounds = np.append(np.arange(0, log.n_customers, size), log.n_customers)
        lengths = np.diff(rows.pointer[bounds])
        buffer = np.empty((lengths.max(initial=0), self.plan.columns), dtype=np.float32)
        place = np.arange(len(buffer))
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            chosen = order[rows.pointer[first] : rows.pointer[last]]
            block = buffer[: len(chosen)]
            fill(self.spec, events, rows, place, (first, last), block)
            self._interpret(log, snapshots.take(chosen), block)
            yield chosen, block

    def _interpret(self, log: EventLog, snapshots: Snapshots, out: Singles) -> None:
        if self.plan.interpreted:
            history = History(log, self.plan.journey, snapshots)
            for first, aggregation in self.plan.interpreted:
                for column, values in enumerate(aggregation.compute(history), start=first):
                    out[:, column] = values


def sorted_rows(log: EventLog, snapshots: Snapshots) -> tuple[Rows, Ints]:
    """Returns the cutoffs by customer and time, and which snapshot each one is."""
    customer, cutoff = plain(snapshots.customer, np.int64), plain(snapshots.cutoff, np.int64)
    pointer, order, ascend = rows_by_customer(customer, cutoff, log.n_customers)
    if not ascend:
        order = np.lexsort((cutoff, customer))
    return Rows(pointer, cutoff[order]), order

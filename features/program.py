"""A feature set made ready for one journey: encodes logs for the kernel and runs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from features.aggregations import Aggregation
from features.arrays import Ints, Singles
from features.encoding import encode
from features.events import EventLog
from features.history import History
from features.journey import Journey
from features.kernel.run import fill, new_state
from features.kernel.spec import Rows, Spec, State
from features.kinds import Kinds
from features.plan import Plan
from features.snapshots import Snapshots
from features.sorting import in_order, sorted_by_customer
from features.specification import specify
from features.timeline import stage_timeline

KEPT = 1024
"""Work space for histories of this length is kept between calls: making it takes as long as one customer's features."""

WARM_STAGE = {"name": "stage", "rules": [{"events": ["event"]}]}

SPARSE = 4
"""From this many customers per row on, it is cheaper to take the asked ones out of the log first."""


@dataclass(frozen=True, eq=False)
class Program:
    """The plan of one feature set and journey, ready to run on any log."""

    plan: Plan

    def __reduce__(self) -> tuple[type["Program"], tuple[Plan]]:
        """Leaves the work space behind: who unpickles without copying would share it with another thread."""
        return Program, (self.plan,)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of events that are told apart."""
        return Kinds(self.plan.dimensions)

    @cached_property
    def spec(self) -> Spec:
        """What the kernel is told."""
        return specify(self.plan, self.kinds)

    def matrix(self, log: EventLog, snapshots: Snapshots) -> Singles:
        """Returns the features of each snapshot, shape (rows, columns), in the order of the snapshots."""
        out = np.empty((len(snapshots), self.plan.columns), dtype=np.float32)
        if len(snapshots) * SPARSE < log.n_customers:
            asked, customer = np.unique(snapshots.customer, return_inverse=True)
            log, snapshots = log.select(asked), Snapshots(customer.astype(np.int64), snapshots.cutoff)
        with self._space(log) as state:
            events = encode(log, self.plan, self.kinds)
            fill(self.spec, events, sorted_rows(log, snapshots), state, (0, log.n_customers), out)
        self._interpret(log, snapshots, out)
        return out

    def blocks(self, log: EventLog, snapshots: Snapshots, size: int) -> Iterator[tuple[Ints, Singles]]:
        """Yields the rows and the features of ``size`` customers at a time; the next block overwrites the last."""
        rows = sorted_rows(log, snapshots)
        state = new_state(self.spec, int(np.diff(log.indptr).max(initial=0)), self._names(log))
        bounds = np.append(np.arange(0, log.n_customers, size), log.n_customers)
        most = int(np.diff(rows.pointer[bounds]).max(initial=0))
        buffer, places = np.empty((most, self.plan.columns), dtype=np.float32), np.arange(most, dtype=np.uint32)
        for first, last in pairwise(bounds.tolist()):
            pointer = rows.pointer[first : last + 1]
            own = slice(int(pointer[0]), int(pointer[-1]))
            chosen = rows.place[own].astype(np.int64)
            block, within = buffer[: len(chosen)], Rows(pointer - own.start, rows.cutoff[own], places[: len(chosen)])
            # encoded a block at a time, for what is written here is read while it is still near
            events = encode(log.between(first, last), self.plan, self.kinds)
            fill(self.spec, events, within, state, (0, last - first), block)
            if self._left(log):  # the rows need not be picked out for nothing
                self._interpret(log, snapshots.take(chosen), block)
            yield chosen, block

    @contextmanager
    def _space(self, log: EventLog) -> Iterator[State]:
        """Lends work space for a log; small space is kept for the next call, a thread of its own at a time."""
        longest = int((log.indptr[1:] - log.indptr[:-1]).max(initial=0))
        names = self._names(log)
        if longest > KEPT or names > KEPT:
            yield new_state(self.spec, longest, names)
            return
        try:
            state = self._spaces.pop()  # an atomic step
        except IndexError:
            state = new_state(self.spec, KEPT, KEPT)
        yield state
        self._spaces.append(state)

    def _names(self, log: EventLog) -> int:
        """Returns the size of the largest dictionary of which different values are counted."""
        return max((len(log.dimensions[name].names) for name in self.plan.varied if name in log.dimensions), default=0)

    @cached_property
    def _spaces(self) -> list[State]:
        return []

    def _interpret(self, log: EventLog, snapshots: Snapshots, out: Singles) -> None:
        left = self._left(log)
        if not left:
            return
        history = History(log, self.plan.journey, snapshots)
        for first, aggregation in left:
            for column, values in enumerate(aggregation.compute(history), start=first):
                out[:, column] = values

    def _left(self, log: EventLog) -> list[tuple[int, Aggregation]]:
        """Returns what the kernel leaves to NumPy, with the first columns."""
        return self.plan.interpreted if log.dated is None else [*self.plan.interpreted, *self.plan.dated(log)]


def sorted_rows(log: EventLog, snapshots: Snapshots) -> Rows:
    """Returns the rows by customer and cutoff; each one's place is where it stands in the snapshots."""
    pointer, order = sorted_by_customer(snapshots.customer, snapshots.cutoff, log.n_customers)
    return Rows(pointer, in_order(snapshots.cutoff, order), order)


def warm() -> None:
    """Compiles the kernel, or loads it from disk: a service calls this before it takes requests."""
    journey = Journey.from_dict({"name": "warm", "activity": [""], "purchase": [""], "stages": [WARM_STAGE]})
    nothing = np.zeros(0, dtype=np.int64)
    log = EventLog(
        customers=np.empty(0, dtype=object),
        indptr=np.zeros(1, dtype=np.int64),
        time=nothing,
        dimensions={},
        measures={},
        end=0,
    )
    Program(Plan(journey)).matrix(log, Snapshots(nothing, nothing))
    stage_timeline(log, journey)

"""A feature set made ready for one journey: encodes logs for the kernel and runs it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from features.arrays import Ints, Singles, plain
from features.encoding import Encoded, most_names
from features.events import EventLog
from features.history import History
from features.journey import Journey
from features.kernel.run import fill, new_state
from features.kernel.spec import Rows, Spec, State
from features.kinds import Kinds
from features.plan import Plan
from features.searching import places_at
from features.snapshots import Snapshots
from features.sorting import in_order, sorted_by_customer
from features.specification import specify
from features.timeline import stage_timeline

KEPT = 1024
"""Work space for histories of this length is kept between calls: making it takes as long as one customer's features."""

ONE, FIRST = np.arange(2), np.zeros(1, dtype=np.uint32)
"""The rows of one customer looked at once."""

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
        if len(snapshots) * SPARSE < log.n_customers:
            asked, customer = np.unique(snapshots.customer, return_inverse=True)
            log, snapshots = log.select(asked), Snapshots(customer.astype(np.int64), snapshots.cutoff)
        return self.features(self.encode(log), snapshots)

    def encode(self, log: EventLog) -> Encoded:
        """Returns a log as this program reads it."""
        return Encoded.of(log, self.plan, self.kinds)

    def features(self, encoded: Encoded, snapshots: Snapshots) -> Singles:
        """Returns the features of each snapshot of a log that is encoded already; see ``matrix``."""
        out = np.empty((len(snapshots), self.plan.columns), dtype=np.float32)
        customers = len(encoded.events.indptr) - 1
        state = self._space(encoded)
        fill(self.spec, encoded.events, sorted_rows(customers, snapshots), state, (0, customers), out)
        self._give_back(state)
        self._complete(encoded, snapshots, out)
        return out

    def blocks(self, log: EventLog, snapshots: Snapshots, size: int) -> Iterator[tuple[Ints, Singles]]:
        """Yields the rows and the features of ``size`` customers at a time; the next block overwrites the last."""
        rows = sorted_rows(log.n_customers, snapshots)
        state = new_state(self.spec, int(np.diff(log.indptr).max(initial=0)), most_names(log, self.plan))
        bounds = np.append(np.arange(0, log.n_customers, size), log.n_customers)
        most = int(np.diff(rows.pointer[bounds]).max(initial=0))
        buffer, places = np.empty((most, self.plan.columns), dtype=np.float32), np.arange(most, dtype=np.uint32)
        for first, last in pairwise(bounds.tolist()):
            pointer = rows.pointer[first : last + 1]
            own = slice(int(pointer[0]), int(pointer[-1]))
            chosen = rows.place[own].astype(np.int64)
            block, within = buffer[: len(chosen)], Rows(pointer - own.start, rows.cutoff[own], places[: len(chosen)])
            # encoded a block at a time, for what is written here is read while it is still near
            encoded = self.encode(log.between(first, last))
            fill(self.spec, encoded.events, within, state, (0, last - first), block)
            if encoded.dated or encoded.log is not None:  # the rows need not be picked out for nothing
                asked = Snapshots(snapshots.customer[chosen] - first, snapshots.cutoff[chosen])
                self._complete(encoded, asked, block)
            yield chosen, block

    def _space(self, encoded: Encoded) -> State:
        """Returns work space for a log, from what the last calls gave back if it is enough."""
        indptr = encoded.events.indptr
        longest = int((indptr[1:] - indptr[:-1]).max(initial=0))
        if longest > KEPT or encoded.names > KEPT:
            return new_state(self.spec, longest, encoded.names)
        try:
            return self._spaces.pop()  # an atomic step: a thread of its own at a time
        except IndexError:
            return new_state(self.spec, KEPT, KEPT)

    def _give_back(self, state: State) -> None:
        """Keeps small work space for the next call."""
        if len(state.terms) == KEPT + 1:
            self._spaces.append(state)

    @cached_property
    def _spaces(self) -> list[State]:
        return []

    def _complete(self, encoded: Encoded, snapshots: Snapshots, out: Singles) -> None:
        """Writes what the kernel leaves to NumPy: attributes that change, and aggregations that it does not know."""
        for column, dated in encoded.dated.items():
            row = places_at(dated.indptr, dated.valid_from, snapshots.customer, snapshots.cutoff) - 1
            holds = row >= dated.indptr[snapshots.customer]
            out[:, column] = np.append(dated.numbers, np.nan)[np.where(holds, row, -1)]
        if encoded.log is not None:
            history = History(encoded.log, self.plan.journey, snapshots)
            for first, aggregation in self.plan.interpreted:
                for column, values in enumerate(aggregation.compute(history), start=first):
                    out[:, column] = values


def sorted_rows(customers: int, snapshots: Snapshots) -> Rows:
    """Returns the rows by customer and cutoff; each one's place is where it stands in the snapshots."""
    if customers == 1 == len(snapshots):
        return Rows(ONE, plain(snapshots.cutoff, np.int64), FIRST)
    if customers == len(snapshots) and (snapshots.customer == np.arange(customers)).all():
        return Rows(np.arange(customers + 1), plain(snapshots.cutoff, np.int64), np.arange(customers, dtype=np.uint32))
    pointer, order = sorted_by_customer(snapshots.customer, snapshots.cutoff, customers)
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
    stage_timeline(log, journey).stage_at(nothing, nothing)

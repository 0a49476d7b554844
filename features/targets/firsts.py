"""What comes first after each cutoff, and when: the one fact on which every target rests."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Ints
from features.events import EventLog
from features.segments import positions_at, select
from features.snapshots import Snapshots

NEVER = int(np.iinfo(np.int64).max)
"""The wait for what does not come by the end of the log."""

NOTHING = -1
"""The cause where nothing comes."""


@dataclass(frozen=True, eq=False)
class Firsts:
    """The first of some occurrences after each snapshot; both fields of shape (rows,).

    Parameters
    ----------
    wait
        Microseconds from the cutoff to it, above zero; NEVER where none comes.
    cause
        Which of the target's causes it is; NOTHING where none comes.
    """

    wait: Ints
    cause: Ints

    def __len__(self) -> int:
        return len(self.wait)

    def take(self, rows: Ints | Bools) -> "Firsts":
        """Returns some of the rows."""
        return Firsts(self.wait[rows], self.cause[rows])


def first_events(log: EventLog, causes: Ints, snapshots: Snapshots) -> Firsts:
    """Returns the first event after each cutoff that has a cause.

    Parameters
    ----------
    causes
        The cause of each event of the log, shape (events,); NOTHING where it is passed over.
    """
    events = select(log.indptr, log.time, causes != NOTHING)
    place = positions_at(events, snapshots.customer, snapshots.cutoff)
    return firsts_at(place < events.indptr[snapshots.customer + 1], place, events.time, causes[events.rows], snapshots)


def firsts_at(exists: Bools, place: Ints, time: Ints, cause: Ints, snapshots: Snapshots) -> Firsts:
    """Returns the occurrences at these places of a list, where there are any.

    Parameters
    ----------
    exists, place
        Shape (rows,).
    time, cause
        Of each occurrence of the list.
    """
    found = np.where(exists, place, -1)
    wait = np.append(time, 0)[found] - snapshots.cutoff
    return Firsts(np.where(exists, wait, NEVER), np.where(exists, np.append(cause, NOTHING)[found], NOTHING))

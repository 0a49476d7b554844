"""Where a moment lies among the sorted times of a customer: a bisection for each row."""

from features.arrays import Ints
from features.kernel.compiling import compiled, inner

STAGE_AT, SINCE, LAST = range(3)
"""The rows of a standing."""


@compiled
def find_places(indptr: Ints, time: Ints, customer: Ints, moment: Ints, place: Ints) -> None:
    """Writes the position behind each customer's last time at or before a moment, shape of ``moment``."""
    for row in range(len(moment)):
        who = customer[row]
        place[row] = _behind(time, indptr[who], indptr[who + 1], moment[row])


@compiled
def find_standing(
    events: tuple[Ints, Ints], stays: tuple[Ints, Ints, Ints], customer: Ints, moment: Ints, standing: Ints
) -> None:
    """Writes each customer's stage, since when, and the time of the last event, shape (3, rows).

    Rows that come before a customer's first event are left as they are.

    Parameters
    ----------
    events
        The indptr and the times of events.
    stays
        The indptr, the times and the stages of entries.
    """
    for row in range(len(moment)):
        who = customer[row]
        first, time = events[0][who], events[1]
        behind = _behind(time, first, events[0][who + 1], moment[row])
        if behind > first:
            entry = _behind(stays[1], stays[0][who], stays[0][who + 1], moment[row]) - 1
            standing[STAGE_AT, row] = stays[2][entry]
            standing[SINCE, row] = stays[1][entry]
            standing[LAST, row] = time[behind - 1]


@inner
def _behind(time: Ints, low: int, high: int, moment: int) -> int:
    while low < high:
        middle = (low + high) // 2
        if time[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return low

"""Where a moment lies among the sorted times of a customer: a bisection for each row."""

from features.arrays import Ints
from features.kernel.compiling import compiled, inner

STAGE_AT, SINCE, LAST, ACTIVE = range(4)
"""The rows of a standing."""


@compiled
def find_places(indptr: Ints, time: Ints, customer: Ints, moment: Ints, place: Ints) -> None:
    """Writes the position behind each customer's last time at or before a moment, shape of ``moment``."""
    for row in range(len(moment)):
        who = customer[row]
        place[row] = _behind(time, indptr[who], indptr[who + 1], moment[row])


@compiled
def find_standing(
    times: tuple[Ints, Ints, Ints, Ints],
    stays: tuple[Ints, Ints, Ints],
    customer: Ints,
    moment: Ints,
    standing: Ints,
) -> None:
    """Writes each customer's stage, since when, and the times of the last event and activity, shape (4, rows).

    What has not been yet is left as it is.

    Parameters
    ----------
    times
        The indptr and the times of events, and those of activity.
    stays
        The indptr, the times and the stages of entries.
    """
    first, time, first_active, active = times
    entered_first, entered, stage = stays
    for row in range(len(moment)):
        who = customer[row]
        behind = _behind(time, first[who], first[who + 1], moment[row])
        if behind > first[who]:
            entry = _behind(entered, entered_first[who], entered_first[who + 1], moment[row]) - 1
            standing[STAGE_AT, row] = stage[entry]
            standing[SINCE, row] = entered[entry]
            standing[LAST, row] = time[behind - 1]
        behind = _behind(active, first_active[who], first_active[who + 1], moment[row])
        if behind > first_active[who]:
            standing[ACTIVE, row] = active[behind - 1]


@inner
def _behind(time: Ints, low: int, high: int, moment: int) -> int:
    while low < high:
        middle = (low + high) // 2
        if time[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return low

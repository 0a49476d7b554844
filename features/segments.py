"""Windows as positions, in NumPy: the readable definition that the compiled kernel is held against.

Events of one customer lie side by side, so a window ``(cutoff - width, cutoff]`` is ``[start, stop)``, a count is
``stop - start`` and a recency is ``cutoff - time[stop - 1]``. No result depends on events outside its own segment: one
customer alone gives the same bits as the whole log.
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Selection:
    """Some events of a log, in log order.

    Parameters
    ----------
    indptr
        Those of customer c are ``indptr[c]`` to ``indptr[c + 1]``, shape (customers + 1,).
    time
        Shape (selected,).
    rows
        Where each stands in the log, shape (selected,).
    """

    indptr: Ints
    time: Ints
    rows: Ints


def select(indptr: Ints, time: Ints, chosen: Bools) -> Selection:
    """Returns the events for which ``chosen`` holds."""
    before = np.concatenate([[0], np.cumsum(chosen)]).astype(np.int64)
    rows = np.flatnonzero(chosen)
    return Selection(before[indptr], time[rows], rows)


def positions_at(selection: Selection, customer: Ints, moment: Ints) -> Ints:
    """Returns the position behind each customer's last event at or before a moment, shape of ``moment``.

    A bisection of all rows at once: as many vectorised steps as the longest history has binary digits.
    """
    low, high = selection.indptr[customer], selection.indptr[customer + 1]
    last = max(len(selection.time) - 1, 0)
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) // 2
        at_or_before = (low < high) & (selection.time[np.minimum(middle, last)] <= moment)
        low, high = np.where(at_or_before, middle + 1, low), np.where(at_or_before, high, middle)
    return low


def segment_sum(values: Floats, start: Ints, stop: Ints) -> Floats:
    """Returns the sum of ``values[start:stop]`` for each pair; zero where a segment is empty.

    Every segment is added up for itself: a difference of running totals would let a customer's neighbours move the
    last bits.
    """
    return _reduce(np.add, values, start, stop, 0.0)


def segment_max(values: Floats, start: Ints, stop: Ints) -> Floats:
    """Returns the maximum of ``values[start:stop]`` for each pair; NaN where a segment is empty."""
    return _reduce(np.maximum, values, start, stop, np.nan)


def _reduce(operation: np.ufunc, values: Floats, start: Ints, stop: Ints, empty: float) -> Floats:
    result = np.full(len(start), empty)
    filled = start < stop
    if filled.any():
        bounds = np.column_stack([start[filled], stop[filled]]).ravel()
        guarded = np.append(values, 0.0)  # a segment may end where the values do
        result[filled] = operation.reduceat(guarded, bounds)[::2]
    return result


def count_true(flags: Bools, start: Ints, stop: Ints) -> Ints:
    """Returns how many of ``flags[start:stop]`` hold; integer totals are exact, so they may be subtracted."""
    before = np.concatenate([[0], np.cumsum(flags)]).astype(np.int64)
    return np.where(start < stop, before[stop] - before[start], 0)

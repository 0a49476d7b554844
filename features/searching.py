"""Positions in sorted times, compiled: what ``features.segments.positions_at`` says in NumPy."""

import numpy as np

from features.arrays import Ints, plain
from features.kernel.search import find_places


def places_at(indptr: Ints, time: Ints, customer: Ints, moment: Ints) -> Ints:
    """Returns the position behind each customer's last time at or before a moment, shape of ``moment``.

    Parameters
    ----------
    indptr, time
        The times of customer c are ``time[indptr[c]:indptr[c + 1]]``, ascending.

    Examples
    --------
    >>> times, nobody_else = np.array([3, 5, 9]), np.array([0, 3])
    >>> places_at(nobody_else, times, np.zeros(3, dtype=np.int64), np.array([2, 5, 9]))
    array([0, 2, 3])
    """
    place = np.empty(len(moment), dtype=np.int64)
    find_places(
        plain(indptr, np.int64), plain(time, np.int64), plain(customer, np.int64), plain(moment, np.int64), place
    )
    return place

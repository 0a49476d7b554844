"""Sorting by customer and time: a counting sort on codes, for most sources come in the order of time already."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import Ints, plain
from features.kernel.run import counting_sort


def sorted_by_customer(customer: NDArray[Any], time: Ints, customers: int) -> tuple[Ints, Ints]:
    """Returns where each customer's rows lie and which row comes where; equal times keep their order.

    Parameters
    ----------
    customer
        Positions from 0 to ``customers``, shape (rows,).
    time
        UTC microseconds, shape (rows,).

    Examples
    --------
    >>> [part.tolist() for part in sorted_by_customer(np.array([1, 0, 1]), np.array([7, 8, 5]), 2)]
    [[0, 1, 3], [1, 2, 0]]
    """
    owner = plain(customer, np.int64)
    pointer, following = np.zeros(customers + 1, dtype=np.int64), np.empty(customers, dtype=np.int64)
    order = np.empty(len(owner), dtype=np.int64)
    counting_sort(owner, pointer, following, order)
    if _ascends(time) or _ascends_within(time[order], pointer):
        return pointer, order
    return pointer, np.lexsort((time, owner))


def _ascends(time: Ints) -> bool:
    return bool((time[1:] >= time[:-1]).all())


def _ascends_within(time: Ints, pointer: Ints) -> bool:
    ascends = np.append(True, time[1:] >= time[:-1])
    ascends[pointer[:-1][pointer[:-1] < pointer[1:]]] = True  # the first of each customer
    return bool(ascends.all())

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
    owner, moment = plain(customer, np.int64), plain(time, np.int64)
    pointer, following = np.zeros(customers + 1, dtype=np.int64), np.empty(customers, dtype=np.int64)
    order = np.empty(len(owner), dtype=np.int64)
    if not counting_sort(owner, moment, pointer, following, order):
        order = np.lexsort((moment, owner))
    return pointer, order

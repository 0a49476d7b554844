"""Sorting by customer and time: a counting sort on codes, for most sources come in the order of time already."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import Ints, Places, plain
from features.kernel.order import counting_sort, gather


def sorted_by_customer(customer: NDArray[Any], time: Ints, customers: int) -> tuple[Ints, Places]:
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
    order = np.empty(len(owner), dtype=np.uint32)
    counting_sort(owner, pointer, following, order)
    if _ascends(time) or _ascends_within(in_order(time, order), pointer):
        return pointer, order
    return pointer, np.lexsort((time, owner)).astype(np.uint32)


def in_order(column: NDArray[Any], order: Places) -> NDArray[Any]:
    """Returns the rows of a column of 4 or 8 bytes in an order."""
    whole = np.int32 if column.dtype.itemsize == 4 else np.int64  # compiled once for each size
    into = np.empty(len(order), dtype=column.dtype)
    gather(plain(column.view(whole), whole), order, into.view(whole))
    return into


def order_within(time: Ints, pointer: Ints) -> Places | None:
    """Returns the order of rows by customer and time if they are by customer already; None if by both."""
    if _ascends_within(time, pointer):
        return None
    owner = np.repeat(np.arange(len(pointer) - 1), np.diff(pointer))
    return np.lexsort((time, owner)).astype(np.uint32)


def _ascends(time: Ints) -> bool:
    return bool((time[1:] >= time[:-1]).all())


def _ascends_within(time: Ints, pointer: Ints) -> bool:
    ascends = np.append(True, time[1:] >= time[:-1])
    ascends[pointer[:-1][pointer[:-1] < pointer[1:]]] = True  # the first of each customer
    return bool(ascends.all())

"""Rows are put in order: a counting sort, and columns that are read in the order found or written to it."""

from typing import Any

from numpy.typing import NDArray

from features.arrays import Codes, Ints, Places
from features.kernel.compiling import compiled


@compiled
def counting_sort(owner: Ints, pointer: Ints, following: Ints, order: Places) -> None:
    """Writes the rows of each owner in turn into ``order``, those of one in their order.

    ``pointer`` comes as zeros, of shape (owners + 1,), and leaves as the bounds of each owner's rows; ``following`` is
    work space.
    """
    for who in owner:
        pointer[who + 1] += 1
    for who in range(len(following)):
        following[who] = pointer[who]
        pointer[who + 1] += pointer[who]
    for row in range(len(owner)):
        place = following[owner[row]]
        order[place] = row
        following[owner[row]] = place + 1


@compiled
def gather(column: NDArray[Any], order: Places, into: NDArray[Any]) -> None:
    """Writes a column in an order; half the time of NumPy, which checks every place."""
    for row in range(len(order)):
        into[row] = column[order[row]]


@compiled
def assign_places(owner: Codes, following: Ints, place: Places) -> None:
    """Writes where each row of a part goes, and moves ``following``, where the next row of each owner goes, on."""
    for row in range(len(owner)):
        place[row] = following[owner[row]]
        following[owner[row]] += 1


@compiled
def scatter(column: NDArray[Any], place: Places, into: NDArray[Any]) -> None:
    """Writes each row of a column to its place."""
    for row in range(len(place)):
        into[place[row]] = column[row]

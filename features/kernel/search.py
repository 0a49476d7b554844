"""Where a moment lies among the sorted times of a customer: a bisection for each row."""

from features.arrays import Ints
from features.kernel.compiling import compiled


@compiled
def find_places(indptr: Ints, time: Ints, customer: Ints, moment: Ints, place: Ints) -> None:
    """Writes the position behind each customer's last time at or before a moment, shape of ``moment``."""
    for row in range(len(moment)):
        low, high = indptr[customer[row]], indptr[customer[row] + 1]
        while low < high:
            middle = (low + high) // 2
            if time[middle] <= moment[row]:
                low = middle + 1
            else:
                high = middle
        place[row] = low

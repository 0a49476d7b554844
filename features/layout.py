"""Segments laid out event by event, for statistics that neither a running total nor a reduction can give.

The work is that of the events in all segments together; it is done in blocks, so that memory does not grow with it.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from features.arrays import Floats, Ints
from features.segments import segment_sum

BLOCK = 1 << 20


def blocks(start: Ints, stop: Ints, most: int = BLOCK) -> Iterator[slice]:
    """Yields runs of rows whose segments hold together about ``most`` positions, at the least one row each."""
    block = np.cumsum(stop - start) // most
    edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(start)]
    for first, last in pairwise(edges):
        if first < last:
            yield slice(first, last)


def laid_out(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Returns, for each position of each segment one after the other, the segment's row and the position.

    Examples
    --------
    >>> [column.tolist() for column in laid_out(np.array([4, 7, 5]), np.array([6, 7, 6]))]
    [[0, 0, 2], [4, 5, 5]]
    """
    counts = stop - start
    row = np.repeat(np.arange(len(start)), counts)
    before = np.cumsum(counts) - counts
    return row, np.arange(len(row)) - np.repeat(before - start, counts)


def segment_std(values: Floats, start: Ints, stop: Ints) -> Floats:
    """Returns the population standard deviation of ``values[start:stop]``; NaN where a segment is empty.

    The mean comes first and then the deviations from it: a difference of squares would drown small spreads.
    """
    count = stop - start
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is promised
        mean = segment_sum(values, start, stop) / count
        squares = np.empty(len(start))
        for rows in blocks(start, stop):
            row, position = laid_out(start[rows], stop[rows])
            bounds = np.concatenate([[0], np.cumsum(count[rows])])
            squares[rows] = segment_sum((values[position] - mean[rows][row]) ** 2, bounds[:-1], bounds[1:])
        return np.sqrt(squares / count)

"""The channels that customers met on their way to a purchase, or to none."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Codes, Ints
from features.events import CHANNEL, EVENT, Dimension, EventLog
from features.journey import Journey
from features.targets.purchase import purchases


@dataclass(frozen=True, eq=False)
class Paths:
    """Ways through channels; the touches of path p are ``indptr[p]`` to ``indptr[p + 1]``.

    Parameters
    ----------
    channels
        Their names; a code is a place here.
    code
        The channel of each touch, shape (touches,); none is equal to the one before it on the same path.
    indptr
        Shape (paths + 1,).
    converted
        Which paths end with a purchase, shape (paths,).
    untouched
        How many purchases more there were, with no touch before them.
    """

    channels: tuple[str, ...]
    code: Codes
    indptr: Ints
    converted: Bools
    untouched: int = 0

    def __len__(self) -> int:
        return len(self.converted)


def purchase_paths(log: EventLog, journey: Journey, within: int) -> Paths:
    """Returns the paths of all customers.

    A touch is any event with a channel other than a purchase or a refund. A path ends with a purchase, or when nothing
    follows for so long; one that may still go on at the log's end is left out.

    Parameters
    ----------
    within
        Microseconds.
    """
    channel = log.dimensions.get(CHANNEL) or Dimension(np.full(log.n_events, -1, dtype=np.int32), ())
    bought = purchases(log, journey)
    money = log.dimensions[EVENT].is_in((*journey.purchase, *journey.refund))
    rows = np.flatnonzero(bought | ((channel.codes >= 0) & ~money))
    if len(rows) == 0:
        return Paths(channel.names, channel.codes[rows], np.zeros(1, dtype=np.int64), bought[rows])
    time, customer, ends = log.time[rows], log.customer[rows], bought[rows]
    later = np.flatnonzero((np.diff(customer) != 0) | ends[:-1] | (np.diff(time) > within)) + 1
    start = np.concatenate([[0], later])
    last = np.concatenate([later, [len(rows)]]) - 1
    converted = ends[last]
    size = last - start + ~converted  # touches: all events but the purchase
    kept = (size > 0) & (converted | (time[last] + within <= log.end))
    path = np.repeat(np.arange(len(start)), last - start + 1)
    touches = np.flatnonzero(~ends & kept[path])
    code, owner = channel.codes[rows[touches]], path[touches]
    fresh = np.concatenate([[True], (np.diff(owner) != 0) | (np.diff(code) != 0)])[: len(owner)]
    counts = np.bincount(owner[fresh], minlength=len(start))[kept]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Paths(channel.names, code[fresh], indptr, converted[kept], int((converted & (size == 0)).sum()))

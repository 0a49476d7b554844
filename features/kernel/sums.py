"""Sums that slide without loss: integers, not floats.

A value is split into whole multiples of 4096 and of 2**-50, so adding and subtracting loses nothing, a sum does not
depend on its neighbours or on earlier rows, and a row costs the same however long the history is. (Values of 8 and
more are exact; smaller ones are rounded to 2**-50, each for itself. A float prefix sum would be neither, and summing
every window again is quadratic.)
"""

import numpy as np

from features.kernel.compiling import inner
from features.kernel.spec import Events, Spec, State

COARSE = 4096.0
FINE = 2.0**-50
LOW_BITS = 62  # log2(COARSE / FINE): two low parts still add up within 64 bits
HIGH, LOW = 0, 1  # rows of State.sums


@inner
def weigh(spec: Spec, events: Events, state: State, slot: int, event: int, sign: int) -> None:
    """Adds an event and its measure to a slot, or takes them away."""
    if spec.measure[slot] >= 0:
        value = events.measures[spec.measure[slot], event]
        if np.isnan(value):
            return
        high = np.trunc(value / COARSE)  # towards zero, so that a value and its negative cancel
        low = state.sums[LOW, slot] + sign * np.int64(np.rint((value - high * COARSE) / FINE))
        state.sums[HIGH, slot] += sign * np.int64(high) + (low >> LOW_BITS)
        state.sums[LOW, slot] = low & ((1 << LOW_BITS) - 1)
    state.held[slot] += sign


@inner
def total(state: State, slot: int) -> float:
    """Returns the sum of the measures in a slot."""
    high, low = state.sums[HIGH, slot], state.sums[LOW, slot]
    below = np.int64(high < 0)  # a small negative total is a small low part, not a large one less 4096
    total: float = (high + below) * COARSE + (low - (below << LOW_BITS)) * FINE
    return total

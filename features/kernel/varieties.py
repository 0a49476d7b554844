"""Different values in a window: how many, and how evenly they occur; whole numbers that slide without loss."""

import numpy as np

from features.arrays import Singles
from features.kernel.compiling import inner
from features.kernel.operations import DIFFERENT, DISORDER, DISTINCT, ENTROPY, NUMBER, ONE, TO
from features.kernel.spec import Events, Spec, State

FINE_TERM = 2.0**-32


@inner
def vary(spec: Spec, events: Events, state: State, variety: int, event: int, sign: int) -> None:
    """Adds an event's value to a variety, or takes it away."""
    code = events.codes[spec.variety[variety, 1], event]
    if code < 0:
        return
    before = state.of_each[variety, code]
    after = before + sign
    state.of_each[variety, code] = after
    state.varied[NUMBER, variety] += sign
    state.varied[DIFFERENT, variety] += (after > 0) - (before > 0)
    state.varied[DISORDER, variety] += state.terms[after] - state.terms[before]


@inner
def forget_varieties(spec: Spec, events: Events, state: State, start: int, head: int) -> None:
    """Makes the numbers of each value zero again: those of this customer, for there may be many values."""
    for variety in range(len(spec.variety)):
        for event in range(start, head):
            code = events.codes[spec.variety[variety, 1], event]
            if code >= 0:
                state.of_each[variety, code] = 0


@inner
def write_varieties(spec: Spec, state: State, line: Singles) -> None:
    """Writes numbers of different values and entropies.

    ``sum(p * log(1 / p)) = (n * log(n) - sum(m * log(m))) / n`` over the numbers m of each value, n altogether.
    """
    asked = spec.operations
    for at in range(spec.first[DISTINCT], spec.first[DISTINCT + 1]):
        line[asked[at, TO]] = state.varied[DIFFERENT, asked[at, ONE]]
    for at in range(spec.first[ENTROPY], spec.first[ENTROPY + 1]):
        number, disorder = state.varied[NUMBER, asked[at, ONE]], state.varied[DISORDER, asked[at, ONE]]
        line[asked[at, TO]] = (state.terms[number] - disorder) * FINE_TERM / number if number else np.nan

"""A row is written: each kind of operation reads what it needs of a customer's state."""

import numpy as np

from features.arrays import Floats, Ints, Singles
from features.durations import DAY
from features.kernel.compiling import inner
from features.kernel.operations import (
    COUNT,
    ENTERED,
    EVENT_BEFORE,
    EVENT_GAP,
    EXTREME,
    GAPS,
    LAST,
    MEAN,
    ONE,
    OPENINGS,
    RECENCY,
    SLOPE,
    STAGE,
    STAGE_BEFORE,
    STAGE_CHANGES,
    STAGE_TIME,
    STAGE_VISITS,
    STAGED,
    STD,
    SUM,
    TENURE,
    TO,
    TREND,
    TWO,
)
from features.kernel.spec import Events, Spec, State
from features.kernel.sums import total


@inner
def write_runs(spec: Spec, state: State, now: float, line: Singles) -> None:
    """Writes counts, recencies, sums and means: neighbouring columns from neighbouring places."""
    asked, held = spec.operations, state.held
    for at in range(spec.first[COUNT], spec.first[COUNT + 1]):
        to, slot = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            line[to + more] = held[slot + more]
    for at in range(spec.first[RECENCY], spec.first[RECENCY + 1]):
        to, clock = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            days = (now - state.clock[clock + more]) / DAY
            line[to + more] = days if days < np.inf else np.nan
    for at in range(spec.first[SUM], spec.first[SUM + 1]):
        to, slot = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            line[to + more] = total(state, slot + more)
    for at in range(spec.first[MEAN], spec.first[MEAN + 1]):
        to, slot = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            line[to + more] = total(state, slot + more) / held[slot + more]


@inner
def write_counts(spec: Spec, state: State, start: int, head: int, line: Singles) -> None:
    """Writes what follows from numbers of events: trends, slopes, days and sessions."""
    asked, held, terms = spec.operations, state.held, spec.terms
    for at in range(spec.first[TREND], spec.first[TREND + 1]):
        to, short, long, scale = asked[at, TO], asked[at, ONE], asked[at, ONE] + asked[at, TWO], spec.scale[at]
        for more in range(asked[at, TWO]):
            line[to + more] = held[terms[short + more]] * scale / held[terms[long + more]]
    for at in range(spec.first[SLOPE], spec.first[SLOPE + 1]):
        first, buckets, doubled = asked[at, ONE], np.int64(asked[at, TWO]), np.int64(0)
        for term in range(first, first + buckets - 1):
            doubled += 2 * held[spec.terms[term]]
        doubled -= (buckets - 1) * held[spec.terms[first + buckets - 1]]
        line[asked[at, TO]] = 6.0 * doubled / spec.scale[at]
    for at in range(spec.first[OPENINGS], spec.first[OPENINGS + 1]):
        opened, tail = state.opened[asked[at, ONE]], state.tail[asked[at, TWO]]
        more = opened[head - start] - opened[tail - start + 1]  # than the one that the window begins with
        line[asked[at, TO]] = more + 1 if tail < head else 0


@inner
def write_measures(spec: Spec, state: State, line: Singles) -> None:
    """Writes statistics of the measures that stacks keep."""
    asked, stack, kept = spec.operations, state.stack, state.kept
    for at in range(spec.first[EXTREME], spec.first[EXTREME + 1]):
        number, tail = asked[at, ONE], state.tail[asked[at, TWO]]
        first = _first_within(stack[number], state.depth[number], tail)
        value = kept[number, first]  # there is room for one more than it keeps
        line[asked[at, TO]] = value if first < state.depth[number] else np.nan
    for at in range(spec.first[LAST], spec.first[LAST + 1]):
        number, tail = asked[at, ONE], state.tail[asked[at, TWO]]
        last = state.depth[number] - 1
        line[asked[at, TO]] = kept[number, last] if last >= 0 and stack[number, last] >= tail else np.nan
    for at in range(spec.first[STD], spec.first[STD + 1]):
        number, tail = asked[at, ONE], state.tail[asked[at, TWO]]
        first = _first_within(stack[number], state.depth[number], tail)
        line[asked[at, TO]] = _spread(kept[number], first, state.depth[number])


@inner
def _first_within(stack: Ints, depth: int, tail: int) -> int:
    first, left = 0, depth
    while left > 1:  # how often does not depend on what is found, so that the processor guesses right
        half = left // 2
        first += half if stack[first + half - 1] < tail else 0
        left -= half
    return first + (left == 1 and stack[first] < tail)


@inner
def _spread(values: Floats, first: int, last: int) -> float:
    """Returns the population standard deviation: the mean first, for a difference of squares drowns small spreads."""
    mean = squares = 0.0
    for place in range(first, last):
        mean += values[place]
    mean /= last - first
    for place in range(first, last):
        squares += (values[place] - mean) ** 2
    spread: float = np.sqrt(squares / (last - first))
    return spread


@inner
def write_times(spec: Spec, events: Events, state: State, known: tuple[int, int], cutoff: int, line: Singles) -> None:
    """Writes tenure, gaps and the last events; ``known`` is where the history begins and ends."""
    asked, (start, head) = spec.operations, known
    for at in range(spec.first[TENURE], spec.first[TENURE + 1]):
        line[asked[at, TO]] = (cutoff - events.time[start]) / DAY if start < head else np.nan
    for at in range(spec.first[GAPS], spec.first[GAPS + 1]):
        to, beats, gaps = asked[at, TO], state.beats[asked[at, ONE]], state.gaps[asked[at, ONE]]
        count = max(beats[0] - 1, 0)  # without a gap all is 0 / 0, which costs less than asking
        mean = (beats[2] - beats[1]) / DAY / count
        variance = gaps[3] / count - (gaps[2] / count) ** 2
        line[to] = gaps[0]
        line[to + 1] = mean
        line[to + 2] = np.sqrt(0.0 if variance < 0.0 else variance)
        line[to + 3] = (cutoff - beats[2]) / DAY / mean if mean > 0 else np.nan
    for at in range(spec.first[EVENT_BEFORE], spec.first[EVENT_BEFORE + 1]):
        event, table = head - np.int64(asked[at, ONE]), asked[at, TWO]
        line[asked[at, TO]] = spec.tables[table, events.kinds[event, spec.tabled[table]]] if event >= start else np.nan
    for at in range(spec.first[EVENT_GAP], spec.first[EVENT_GAP + 1]):
        event = head - np.int64(asked[at, ONE])
        line[asked[at, TO]] = (events.time[event] - events.time[event - 1]) / DAY if event > start else np.nan


@inner
def write_stages(spec: Spec, state: State, cutoff: int, line: Singles) -> None:
    """Writes where the customer stands in the journey, and the way there."""
    asked, now = spec.operations, state.moved[0] - 1
    entered, staged = state.entries[ENTERED], state.entries[STAGED]
    for at in range(spec.first[STAGE], spec.first[STAGE + 1]):
        line[asked[at, TO]] = staged[now] if now >= 0 else 0
    for at in range(spec.first[STAGE_TIME], spec.first[STAGE_TIME + 1]):
        line[asked[at, TO]] = (cutoff - entered[now]) / DAY if now >= 0 else np.nan
    for at in range(spec.first[STAGE_CHANGES], spec.first[STAGE_CHANGES + 1]):
        window = asked[at, ONE]
        before = max(state.moved[window] - 1, 0) if window else 0
        line[asked[at, TO]] = max(now - before, 0)
    for at in range(spec.first[STAGE_BEFORE], spec.first[STAGE_BEFORE + 1]):
        to, entry = asked[at, TO], now - np.int64(asked[at, ONE])
        line[to] = staged[entry] if entry >= 0 else np.nan
        line[to + 1] = (entered[entry + 1] - entered[entry]) / DAY if entry >= 0 else np.nan
    for at in range(spec.first[STAGE_VISITS], spec.first[STAGE_VISITS + 1]):
        to, stage = asked[at, TO], asked[at, ONE]
        since = cutoff - entered[now] if now >= 0 and staged[now] == stage else 0
        line[to] = state.visits[0, stage]
        line[to + 1] = (state.visits[1, stage] + since) / DAY

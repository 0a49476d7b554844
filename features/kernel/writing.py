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
    """Writes counts and recencies, neighbouring columns from neighbouring places."""
    asked = spec.operations
    for at in range(spec.first[COUNT], spec.first[COUNT + 1]):
        to, slot = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            line[to + more] = state.held[slot + more]
    for at in range(spec.first[RECENCY], spec.first[RECENCY + 1]):
        to, clock = asked[at, TO], asked[at, ONE]
        for more in range(asked[at, TWO]):
            days = (now - state.clock[clock + more]) / DAY
            line[to + more] = days if days < np.inf else np.nan


@inner
def write_counts(spec: Spec, state: State, head: int, start: int, line: Singles) -> None:
    """Writes what follows from numbers of events: trends, slopes, days and sessions."""
    asked, held = spec.operations, state.held
    for at in range(spec.first[TREND], spec.first[TREND + 1]):
        line[asked[at, TO]] = held[asked[at, ONE]] * spec.scale[at] / held[asked[at, TWO]]
    for at in range(spec.first[SLOPE], spec.first[SLOPE + 1]):
        first, buckets, doubled = asked[at, ONE], np.int64(asked[at, TWO]), np.int64(0)
        for term in range(first, first + buckets - 1):
            doubled += 2 * held[spec.terms[term]]
        doubled -= (buckets - 1) * held[spec.terms[first + buckets - 1]]
        line[asked[at, TO]] = 6.0 * doubled / spec.scale[at]
    for at in range(spec.first[OPENINGS], spec.first[OPENINGS + 1]):
        kind, window = asked[at, ONE], asked[at, TWO]
        tail = state.tail[window]
        opened = state.opened[kind, 0] - (state.opened[kind, window] if window else 0)
        amid = tail < head and not state.opens[kind, tail - start]  # the window begins amid a day or session
        line[asked[at, TO]] = opened + amid


@inner
def write_measures(spec: Spec, events: Events, state: State, line: Singles) -> None:
    """Writes statistics of measures."""
    asked = spec.operations
    for at in range(spec.first[SUM], spec.first[SUM + 1]):
        line[asked[at, TO]] = total(state, asked[at, ONE])
    for at in range(spec.first[MEAN], spec.first[MEAN + 1]):
        line[asked[at, TO]] = total(state, asked[at, ONE]) / state.held[asked[at, ONE]]
    for at in range(spec.first[EXTREME], spec.first[EXTREME + 1]):
        values, stack, depth = _stacked(spec, events, state, asked[at, ONE])
        first = _first_within(stack, depth, state.tail[asked[at, TWO]])
        line[asked[at, TO]] = values[stack[first]] if first < depth else np.nan
    for at in range(spec.first[LAST], spec.first[LAST + 1]):
        values, stack, depth = _stacked(spec, events, state, asked[at, ONE])
        within = depth > 0 and stack[depth - 1] >= state.tail[asked[at, TWO]]
        line[asked[at, TO]] = values[stack[depth - 1]] if within else np.nan
    for at in range(spec.first[STD], spec.first[STD + 1]):
        values, stack, depth = _stacked(spec, events, state, asked[at, ONE])
        line[asked[at, TO]] = _spread(values, stack, _first_within(stack, depth, state.tail[asked[at, TWO]]), depth)


@inner
def _stacked(spec: Spec, events: Events, state: State, number: int) -> tuple[Floats, Ints, int]:
    return events.measures[spec.stacked[number, 0]], state.stack[number], state.depth[number]


@inner
def _first_within(stack: Ints, depth: int, tail: int) -> int:
    low, high = 0, depth
    while low < high:
        middle = (low + high) // 2
        if stack[middle] < tail:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _spread(values: Floats, stack: Ints, first: int, last: int) -> float:
    """Returns the population standard deviation: the mean first, for a difference of squares drowns small spreads."""
    mean = squares = 0.0
    for place in range(first, last):
        mean += values[stack[place]]
    mean /= last - first
    for place in range(first, last):
        squares += (values[stack[place]] - mean) ** 2
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
        count = beats[0] - 1
        if count < 1:
            line[to : to + 4] = np.nan
            continue
        mean = (beats[2] - beats[1]) / DAY / count
        line[to] = gaps[0]
        line[to + 1] = mean
        line[to + 2] = np.sqrt(max(gaps[3] / count - (gaps[2] / count) ** 2, 0.0))
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

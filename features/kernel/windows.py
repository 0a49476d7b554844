"""An event enters the history of a customer, and leaves one window after another."""

import numpy as np

from features.durations import DAY
from features.kernel.compiling import inner
from features.kernel.operations import CLOCKS, RHYTHMS, STACKS, VARIETIES
from features.kernel.spec import Events, Lists, Spec, State
from features.kernel.sums import weigh
from features.kernel.varieties import vary


@inner
def admits(lists: Lists, at: int, value: float) -> bool:
    """Says whether an entry of the lists takes an event of this value."""
    admits: bool = np.isnan(lists.floor[at]) or value >= lists.floor[at]
    return admits


@inner
def _tally(spec: Spec, events: Events, state: State, window: int, event: int, sign: int) -> None:
    """Adds one event to every slot that a window lists for it, or takes it away."""
    lists, first, last = spec.lists, spec.reach[window, 0], spec.reach[window, 1]
    held = state.held[first:last]  # counted from zero, for the compiler to take several at once
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        delta = spec.delta[window, kind, first:last]
        for slot in range(len(delta)):
            held[slot] += sign * delta[slot]
        for at in range(lists.pointer[window, kind], lists.pointer[window, kind + 1]):
            if admits(lists, at, events.measures[0, event]):
                weigh(spec, events, state, lists.member[at], event, sign)


@inner
def _vary_all(spec: Spec, events: Events, state: State, window: int, event: int, sign: int) -> None:
    """Adds one event to the varieties of its kind, those of all windows, or takes it away from those of one."""
    lists, block = spec.lists, len(spec.width) + VARIETIES
    for column in range(events.kinds.shape[1] if len(spec.variety) else 0):
        kind = events.kinds[event, column]
        for at in range(lists.pointer[block, kind], lists.pointer[block, kind + 1]):
            variety = lists.member[at]
            takes = window == 0 or spec.variety[variety, 0] == window
            if takes and admits(lists, at, events.measures[0, event]):
                vary(spec, events, state, variety, event, sign)


@inner
def enter(spec: Spec, events: Events, state: State, start: int, event: int) -> None:
    """Adds an event to the history."""
    time, lists, behind = events.time[event], spec.lists, len(spec.width)
    before = events.time[max(event - 1, start)]
    for kind in range(len(spec.gap)):
        late = time - before > spec.gap[kind] if spec.gap[kind] else time // DAY != before // DAY
        opens = late or event == start
        state.opens[kind, event - start] = opens
        state.opened[kind, 0] += opens
    _tally(spec, events, state, 0, event, 1)
    _vary_all(spec, events, state, 0, event, 1)
    value, now, clock = events.measures[0, event], np.float64(time - events.time[start]), state.clock
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        stamp = spec.stamp[kind]
        for number in range(len(clock)):
            clock[number] = max(clock[number], now + stamp[number])
        for at in range(lists.pointer[behind + CLOCKS, kind], lists.pointer[behind + CLOCKS, kind + 1]):
            if admits(lists, at, value):
                clock[lists.member[at]] = now
        for at in range(lists.pointer[behind + RHYTHMS, kind], lists.pointer[behind + RHYTHMS, kind + 1]):
            if admits(lists, at, value):
                _keep_time(state, lists.member[at], time)
        for at in range(lists.pointer[behind + STACKS, kind], lists.pointer[behind + STACKS, kind + 1]):
            if admits(lists, at, value):
                _keep_event(spec, events, state, lists.member[at], event)


@inner
def _keep_time(state: State, rhythm: int, time: int) -> None:
    """Notes an event's time and its gap; spreads are taken about the first gap, lest large squares drown them."""
    beats, gaps = state.beats[rhythm], state.gaps[rhythm]
    if beats[0] == 0:
        beats[1] = time
        gaps[:] = 0.0
    else:
        gap = (time - beats[2]) / DAY
        if beats[0] == 1:
            gaps[1] = gap
        gaps[0] = gap
        gaps[2] += gap - gaps[1]
        gaps[3] += (gap - gaps[1]) ** 2
    beats[2] = time
    beats[0] += 1


@inner
def _keep_event(spec: Spec, events: Events, state: State, number: int, event: int) -> None:
    """Stacks an event on those that it does not reach: the first one left in a window is then its extreme."""
    values, sign = events.measures[spec.stacked[number, 0]], spec.stacked[number, 1]
    if np.isnan(values[event]):
        return
    stack, depth = state.stack[number], state.depth[number]
    while sign != 0 and depth > 0 and sign * values[stack[depth - 1]] <= sign * values[event]:
        depth -= 1
    stack[depth] = event
    state.depth[number] = depth + 1


@inner
def slide(spec: Spec, events: Events, state: State, start: int, head: int, cutoff: int) -> None:
    """Lets every event leave that lies before a window, one exactly its width earlier included."""
    for window in range(1, len(spec.width)):
        tail, bound = state.tail[window], cutoff - spec.width[window]
        while tail < head and events.time[tail] <= bound:
            for kind in range(len(spec.gap)):
                state.opened[kind, window] += state.opens[kind, tail - start]
            _tally(spec, events, state, window, tail, -1)
            _vary_all(spec, events, state, window, tail, -1)
            tail += 1
        state.tail[window] = tail

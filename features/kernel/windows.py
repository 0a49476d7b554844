"""An event enters the history of a customer, and the windows move on over it."""

import numpy as np

from features.durations import DAY
from features.kernel.compiling import inner
from features.kernel.operations import CLOCKS, RHYTHMS, STACKS, VARIETIES
from features.kernel.spec import Events, Lists, Spec, State
from features.kernel.sums import HIGH, LOW, weigh
from features.kernel.varieties import vary


@inner
def admits(lists: Lists, at: int, value: float) -> bool:
    """Says whether an entry of the lists takes an event of this value."""
    admits: bool = np.isnan(lists.floor[at]) or value >= lists.floor[at]
    return admits


@inner
def _has_value(events: Events, event: int) -> bool:
    """Says whether an event has any measure."""
    has = False
    for measure in range(events.measures.shape[0]):
        has |= not np.isnan(events.measures[measure, event])
    return has


@inner
def _tally(spec: Spec, events: Events, state: State, window: int, event: int, sign: int) -> None:
    """Adds one event to every slot of a window that takes it, or takes it away."""
    lists, held, has_value = spec.lists, state.held, _has_value(events, event)
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        for number in range(spec.counted.shape[2]):
            held[spec.counted[window, kind, number]] += sign
        first, last = lists.pointer[window, kind], lists.pointer[window, kind + 1]
        for at in range(first, last if has_value else first):
            if admits(lists, at, events.measures[0, event]):
                weigh(spec, events, state, lists.member[at], event, sign)


@inner
def _vary_all(spec: Spec, events: Events, state: State, window: int, event: int, sign: int) -> None:
    """Adds one event to the varieties of its kind in a window, or takes it away."""
    lists, block = spec.lists, len(spec.width) + VARIETIES
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        for at in range(lists.pointer[block, kind], lists.pointer[block, kind + 1]):
            variety = lists.member[at]
            if spec.variety[variety, 0] == window and admits(lists, at, events.measures[0, event]):
                vary(spec, events, state, variety, event, sign)


@inner
def enter(spec: Spec, events: Events, state: State, start: int, event: int) -> None:
    """Notes of an event what does not depend on windows."""
    time, lists, behind = events.time[event], spec.lists, len(spec.width)
    before = events.time[max(event - 1, start)]
    for kind in range(len(spec.gap)):
        late = time - before > spec.gap[kind] if spec.gap[kind] else time // DAY != before // DAY
        state.opened[kind, event - start + 1] = state.opened[kind, event - start] + (late or event == start)
    value, now, clock = events.measures[0, event], np.float64(time - events.time[start]), state.clock
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        for number in range(spec.stamped.shape[1]):
            clock[spec.stamped[kind, number]] = now
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
    value, sign = events.measures[spec.stacked[number, 0], event], spec.stacked[number, 1]
    if np.isnan(value):
        return
    kept, depth = state.kept[number], state.depth[number]
    while sign != 0 and depth > 0 and sign * kept[depth - 1] <= sign * value:
        depth -= 1
    kept[depth] = value
    state.stack[number, depth] = event
    state.depth[number] = depth + 1


@inner
def slide(spec: Spec, events: Events, state: State, known: int, head: int, cutoff: int) -> None:
    """Moves every window on to a cutoff; ``known`` is the event after those of the row before, ``head`` after all.

    An event exactly a width earlier lies before the window. One that does so already as it comes is never counted in
    it. The others leave one by one, or the window is emptied and filled again: whichever moves fewer.
    """
    for window in range(len(spec.width)):
        tail, bound = state.tail[window], cutoff - spec.width[window]
        first = tail
        while window > 0 and first < head and events.time[first] <= bound:
            first += 1
        if first == tail and known == head:
            continue
        state.tail[window] = first
        gone, come = min(first, known), max(first, known)
        if len(spec.variety) > 0:
            _slide_varieties(spec, events, state, window, (tail, gone), (come, head))
        if gone - tail > come - first:
            _empty(spec, state, window)
            gone, come = tail, first
        for sign in (-1, 1):
            for event in range(tail if sign < 0 else come, gone if sign < 0 else head):
                _tally(spec, events, state, window, event, sign)


@inner
def _slide_varieties(
    spec: Spec, events: Events, state: State, window: int, gone: tuple[int, int], come: tuple[int, int]
) -> None:
    for event in range(gone[0], gone[1]):
        _vary_all(spec, events, state, window, event, -1)
    for event in range(come[0], come[1]):
        _vary_all(spec, events, state, window, event, 1)


@inner
def _empty(spec: Spec, state: State, window: int) -> None:
    """Forgets every event in the slots of a window."""
    for number in range(spec.emptied.shape[1]):
        slot = spec.emptied[window, number]
        state.held[slot] = 0
        state.sums[HIGH, slot] = 0
        state.sums[LOW, slot] = 0

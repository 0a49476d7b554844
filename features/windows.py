"""The compiled kernel: one pass per customer, in which every window slides forward with the cutoff.

What to compute is data, a Spec, so that one small compiled program serves every feature set. Each event is looked up
in lists of the groups it belongs to when it enters the history and again when it leaves a window; what a window holds
is what entered less what left. Counts are integers, and sums are integers too: a value is split into whole multiples
of 4096 and of 2**-50, so adding and subtracting loses nothing, a sum does not depend on its neighbours or on earlier
rows, and a row costs the same however long the history is. (Values of 8 and more are exact; smaller ones are rounded
to 2**-50, each for itself. A float prefix sum would be neither, and summing every window again is quadratic.)
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from features.arrays import Floats, Ints, Singles
from features.durations import DAY
from features.spec import Events, Holding, Lists, Rows, Rules, Spec, State

FOREVER = np.iinfo(np.int64).max
NEVER = np.iinfo(np.int64).min
COARSE = 4096.0
FINE = 2.0**-50
LOW_BITS = 62  # log2(COARSE / FINE): two low parts still add up within 64 bits

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
INNER: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}

Function = TypeVar("Function", bound=Callable[..., Any])

COUNT, ACTIVE_DAYS, TREND, SUM, MEAN, MAX = range(6)
RECENCY, TENURE, GAPS, STAGE, STAGE_TIME, STAGE_CHANGES, ATTRIBUTE = range(6, 13)
OPERATIONS = 13
TO, GROUP, LEFT, WINDOW, LEFT_LONG = range(5)  # columns of Spec.operations
ENTERED, STAGED = 0, 1  # rows of a customer's stage entries


def compiled(function: Function) -> Function:
    """Compiles a function on first use and keeps the machine code on disk.

    Compiled functions make no arrays, so they need not count references to any: with counting (``_nrt``) every
    passing of a Spec or State would touch two dozen counters, and all takes ten times as long.
    """
    result: Function = numba.njit(**OPTIONS)(function)
    return result


def inner(function: Function) -> Function:
    """Compiles a function that only compiled ones call: the half of the work that Python needs is left out."""
    result: Function = numba.njit(**INNER)(function)
    return result


@compiled
def counting_sort(owner: Ints, time: Ints, pointer: Ints, following: Ints, order: Ints) -> bool:
    """Writes the rows of each owner in turn into ``order``, and says whether the times of each ascend.

    ``pointer`` comes as zeros, of shape (owners + 1,), and leaves as the bounds of each owner's rows; ``following`` is
    work space.
    """
    for who in owner:
        pointer[who + 1] += 1
    for who in range(len(following)):
        following[who] = pointer[who]
        pointer[who + 1] += pointer[who]
    ascend = True
    for row in range(len(owner)):
        place = following[owner[row]]
        following[owner[row]] += 1
        order[place] = row
        if place > pointer[owner[row]] and time[row] < time[order[place - 1]]:
            ascend = False
    return ascend


def new_state(spec: Spec, longest: int) -> State:
    """Returns work space for customers with up to ``longest`` events."""
    windows, groups, rules = len(spec.width), len(spec.measure), len(spec.rules.stage)
    tail, opened, moved = np.empty((3, windows), dtype=np.int64)
    held, high, low = np.zeros((3, (windows + 1) * groups), dtype=np.int64)  # nothing leaves the last row: lifetime
    times, first, last, depth = np.empty((4, groups), dtype=np.int64)
    until, newest, seen = np.empty((3, rules), dtype=np.int64)
    recent = np.empty((rules, int(spec.rules.at_least.max(initial=0))), dtype=np.int64)
    peaked = longest if spec.first[MAX] < spec.first[MAX + 1] else 0
    return State(
        *(tail, opened, moved, held, high, low, times, first, last, depth),
        np.empty(longest, dtype=np.bool_),
        np.empty((groups, 4), dtype=np.float64),
        np.empty((groups, peaked), dtype=np.int64),
        Holding(until, newest, seen, recent, np.empty(1, dtype=np.int64)),
        np.empty((2, longest * (1 + rules)), dtype=np.int64),
    )


@compiled
def fill(spec: Spec, events: Events, rows: Rows, state: State, customers: tuple[int, int], out: Singles) -> None:
    """Writes the features of every row of a range of customers; row n of ``rows`` goes to ``out[rows.place[n]]``."""
    first, last = customers
    staged = spec.first[STAGE] < spec.first[STAGE_CHANGES + 1]
    for customer in range(first, last):
        if rows.pointer[customer] == rows.pointer[customer + 1]:
            continue
        start, stop = events.indptr[customer], events.indptr[customer + 1]
        _begin(state, start)
        entries = _walk_stages(spec, events, (start, stop), state) if staged else 0
        head = start
        for row in range(rows.pointer[customer], rows.pointer[customer + 1]):
            cutoff = rows.cutoff[row]
            while head < stop and events.time[head] <= cutoff:
                _enter(spec, events, state, start, head)
                head += 1
            _slide(spec, events, state, start, head, cutoff)
            _slide_stages(spec, state, entries, cutoff)
            line = out[rows.place[row]]
            _write_counts(spec, state, head, start, line)
            _write_measures(spec, events, state, line)
            _write_times(spec, events, state, (start, head), cutoff, line)
            _write_stages(spec, state, cutoff, line)
            for at in range(spec.first[ATTRIBUTE], spec.first[ATTRIBUTE + 1]):
                line[spec.operations[at, TO]] = events.attributes[spec.operations[at, GROUP], customer]


@inner
def _begin(state: State, start: int) -> None:
    state.tail[:] = start
    state.held[:] = 0
    state.high[:] = 0
    state.low[:] = 0
    state.opened[:] = 0
    state.times[:] = 0
    state.depth[:] = 0
    state.moved[:] = 0


@inner
def _admits(lists: Lists, at: int, value: float) -> bool:
    admits: bool = np.isnan(lists.floor[at]) or value >= lists.floor[at]
    return admits


@inner
def _tally(spec: Spec, events: Events, state: State, block: int, event: int) -> None:
    """Counts one event in every group that a block lists for it, and adds up its measure exactly."""
    shift = block * len(spec.measure)
    for dimension in range(events.kinds.shape[1]):
        kind = events.kinds[event, dimension]
        for at in range(spec.lists.pointer[block, kind], spec.lists.pointer[block, kind + 1]):
            if not _admits(spec.lists, at, events.measures[0, event]):
                continue
            group = spec.lists.member[at]
            slot = shift + group
            if spec.measure[group] >= 0:
                value = events.measures[spec.measure[group], event]
                if np.isnan(value):
                    continue
                high = np.trunc(value / COARSE)  # towards zero, so that a value and its negative cancel
                low = state.low[slot] + np.int64(np.rint((value - high * COARSE) / FINE))
                state.high[slot] += np.int64(high) + (low >> LOW_BITS)
                state.low[slot] = low & ((1 << LOW_BITS) - 1)
            state.held[slot] += 1


@inner
def _enter(spec: Spec, events: Events, state: State, start: int, event: int) -> None:
    time = events.time[event]
    opens = event == start or time // DAY != events.time[event - 1] // DAY
    state.opens[event - start] = opens
    state.opened[0] += opens
    _tally(spec, events, state, 0, event)
    timed = len(spec.width)
    for dimension in range(events.kinds.shape[1]):
        kind = events.kinds[event, dimension]
        for at in range(spec.lists.pointer[timed, kind], spec.lists.pointer[timed, kind + 1]):
            if _admits(spec.lists, at, events.measures[0, event]):
                _keep_time(state, spec.lists.member[at], time)
        for at in range(spec.lists.pointer[timed + 1, kind], spec.lists.pointer[timed + 1, kind + 1]):
            if _admits(spec.lists, at, events.measures[0, event]):
                group = spec.lists.member[at]
                _keep_peak(events.measures[spec.measure[group]], state, group, event)


@inner
def _keep_time(state: State, group: int, time: int) -> None:
    """Notes an event's time and its gap; spreads are taken about the first gap, lest large squares drown them."""
    if state.times[group] == 0:
        state.first[group] = time
        state.gaps[group] = 0.0
    else:
        gaps = state.gaps[group]
        gap = (time - state.last[group]) / DAY
        if state.times[group] == 1:
            gaps[1] = gap
        gaps[0] = gap
        gaps[2] += gap - gaps[1]
        gaps[3] += (gap - gaps[1]) ** 2
    state.last[group] = time
    state.times[group] += 1


@inner
def _keep_peak(values: Floats, state: State, group: int, event: int) -> None:
    """Keeps the events that no later one of the group reaches: the first of them in a window is its maximum."""
    if np.isnan(values[event]):
        return
    peaks, depth = state.peaks[group], state.depth[group]
    while depth > 0 and values[peaks[depth - 1]] <= values[event]:
        depth -= 1
    peaks[depth] = event
    state.depth[group] = depth + 1


@inner
def _slide(spec: Spec, events: Events, state: State, start: int, head: int, cutoff: int) -> None:
    """Lets every event leave that lies before a window, one exactly its width earlier included."""
    for window in range(1, len(spec.width)):
        tail, bound = state.tail[window], cutoff - spec.width[window]
        while tail < head and events.time[tail] <= bound:
            state.opened[window] += state.opens[tail - start]
            _tally(spec, events, state, window, tail)
            tail += 1
        state.tail[window] = tail


@inner
def _slide_stages(spec: Spec, state: State, entries: int, cutoff: int) -> None:
    for window in range(len(spec.width)):
        bound = cutoff - spec.width[window]  # the width of entry 0 is zero: what was entered so far
        while state.moved[window] < entries and state.entries[ENTERED, state.moved[window]] <= bound:
            state.moved[window] += 1


@inner
def _total(state: State, entered: int, left: int) -> float:
    """Returns the sum of what entered less what left."""
    low = state.low[entered] - state.low[left]
    high = state.high[entered] - state.high[left] + (low >> LOW_BITS)
    low &= (1 << LOW_BITS) - 1
    if high < 0:  # a small negative total is a small low part, not a large one less 4096
        high, low = high + 1, low - (1 << LOW_BITS)
    total: float = high * COARSE + low * FINE
    return total


@inner
def _write_counts(spec: Spec, state: State, head: int, start: int, line: Singles) -> None:
    asked, held = spec.operations, state.held
    for at in range(spec.first[COUNT], spec.first[COUNT + 1]):
        to, group, left = asked[at, TO], asked[at, GROUP], asked[at, LEFT]
        line[to] = held[group] - held[left]
    for at in range(spec.first[TREND], spec.first[TREND + 1]):
        to, group, left, left_long = asked[at, TO], asked[at, GROUP], asked[at, LEFT], asked[at, LEFT_LONG]
        line[to] = (held[group] - held[left]) * spec.scale[at] / (held[group] - held[left_long])
    for at in range(spec.first[ACTIVE_DAYS], spec.first[ACTIVE_DAYS + 1]):
        to, window = asked[at, TO], asked[at, WINDOW]
        tail = state.tail[window]
        days = state.opened[0] - (state.opened[window] if window else 0)
        amid = tail < head and not state.opens[tail - start]  # the window begins amid a day
        line[to] = days + amid


@inner
def _write_measures(spec: Spec, events: Events, state: State, line: Singles) -> None:
    asked = spec.operations
    for at in range(spec.first[SUM], spec.first[SUM + 1]):
        to, group, left = asked[at, TO], asked[at, GROUP], asked[at, LEFT]
        line[to] = _total(state, group, left)
    for at in range(spec.first[MEAN], spec.first[MEAN + 1]):
        to, group, left = asked[at, TO], asked[at, GROUP], asked[at, LEFT]
        line[to] = _total(state, group, left) / (state.held[group] - state.held[left])
    for at in range(spec.first[MAX], spec.first[MAX + 1]):
        to, group, window = asked[at, TO], asked[at, GROUP], asked[at, WINDOW]
        peaks, low, high = state.peaks[group], 0, state.depth[group]
        while low < high:
            middle = (low + high) // 2
            if peaks[middle] < state.tail[window]:
                low = middle + 1
            else:
                high = middle
        found = low < state.depth[group]
        line[to] = events.measures[spec.measure[group], peaks[low]] if found else np.nan


@inner
def _write_times(spec: Spec, events: Events, state: State, known: tuple[int, int], cutoff: int, line: Singles) -> None:
    asked = spec.operations
    for at in range(spec.first[RECENCY], spec.first[RECENCY + 1]):
        to, group = asked[at, TO], asked[at, GROUP]
        line[to] = (cutoff - state.last[group]) / DAY if state.times[group] else np.nan
    for at in range(spec.first[TENURE], spec.first[TENURE + 1]):
        start, head = known
        line[asked[at, TO]] = (cutoff - events.time[start]) / DAY if start < head else np.nan
    for at in range(spec.first[GAPS], spec.first[GAPS + 1]):
        to, group = asked[at, TO], asked[at, GROUP]
        count, gaps = state.times[group] - 1, state.gaps[group]
        if count < 1:
            line[to : to + 4] = np.nan
            continue
        mean = (state.last[group] - state.first[group]) / DAY / count
        line[to] = gaps[0]
        line[to + 1] = mean
        line[to + 2] = np.sqrt(max(gaps[3] / count - (gaps[2] / count) ** 2, 0.0))
        line[to + 3] = (cutoff - state.last[group]) / DAY / mean if mean > 0 else np.nan


@inner
def _write_stages(spec: Spec, state: State, cutoff: int, line: Singles) -> None:
    asked, now = spec.operations, state.moved[0] - 1
    for at in range(spec.first[STAGE], spec.first[STAGE + 1]):
        line[asked[at, TO]] = state.entries[STAGED, now] if now >= 0 else 0
    for at in range(spec.first[STAGE_TIME], spec.first[STAGE_TIME + 1]):
        line[asked[at, TO]] = (cutoff - state.entries[ENTERED, now]) / DAY if now >= 0 else np.nan
    for at in range(spec.first[STAGE_CHANGES], spec.first[STAGE_CHANGES + 1]):
        to, window = asked[at, TO], asked[at, WINDOW]
        before = max(state.moved[window] - 1, 0) if window else 0
        line[to] = max(now - before, 0)


@inner
def _walk_stages(spec: Spec, events: Events, bounds: tuple[int, int], state: State) -> int:
    """Writes when one customer enters which stage, and returns how many entries there are.

    A stage can change only when an event comes or when one leaves a rule's window, exactly its width later.
    """
    holding, entries = state.holding, state.entries
    holding.until[:] = NEVER
    holding.newest[:] = -1
    holding.seen[:] = 0
    holding.soonest[0] = FOREVER
    event, stop = bounds
    found, now = 0, NEVER
    while event < stop:
        found = _let_pass(spec.rules, holding, (now, events.time[event]), found, entries)
        now = events.time[event]
        while event < stop and events.time[event] == now:
            _match(spec, events, event, holding)
            event += 1
        found = _note(spec.rules, holding, now, found, entries)
    return _let_pass(spec.rules, holding, (now, FOREVER), found, entries)


@inner
def _let_pass(rules: Rules, holding: Holding, span: tuple[int, int], found: int, entries: Ints) -> int:
    """Notes the changes that come between two moments because windows run out."""
    now, before = span
    while holding.soonest[0] < before:  # it may be too soon: a rule that held until then may hold on
        following = FOREVER
        for rule in range(len(holding.until)):
            if now < holding.until[rule] < following:
                following = holding.until[rule]
        holding.soonest[0] = following
        if following < before:
            now = following
            found = _note(rules, holding, now, found, entries)
            holding.soonest[0] = now
    return found


@inner
def _match(spec: Spec, events: Events, event: int, holding: Holding) -> None:
    rules, block, kind = spec.rules, len(spec.width) + 2, events.kinds[event, 0]
    for at in range(spec.lists.pointer[block, kind], spec.lists.pointer[block, kind + 1]):
        if _admits(spec.lists, at, events.measures[0, event]):
            rule = spec.lists.member[at]
            recent = holding.recent[rule]
            recent[holding.seen[rule] % rules.at_least[rule]] = events.time[event]
            holding.seen[rule] += 1
            holding.newest[rule] = event
            if holding.seen[rule] >= rules.at_least[rule]:
                oldest = recent[holding.seen[rule] % rules.at_least[rule]]  # the one that the next match overwrites
                holding.until[rule] = FOREVER if rules.within[rule] == FOREVER else oldest + rules.within[rule]
                holding.soonest[0] = min(holding.soonest[0], holding.until[rule])


@inner
def _note(rules: Rules, holding: Holding, now: int, found: int, entries: Ints) -> int:
    """Adds the stage at a moment if it is another one than before."""
    stage, latest = 0, -1
    for rule in range(len(holding.until)):
        if holding.until[rule] > now and (holding.newest[rule] >= latest or not rules.latest):
            stage, latest = rules.stage[rule], holding.newest[rule]
    if found and entries[STAGED, found - 1] == stage:
        return found
    entries[ENTERED, found] = now
    entries[STAGED, found] = stage
    return found + 1

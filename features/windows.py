"""The compiled kernel: one pass per customer, in which every window slides forward with the cutoff.

What to compute is data, a Spec, so that one small compiled program serves every feature set. An event is looked up in
lists of the slots that it concerns when it enters the history and again when it leaves a window. Slots are integers,
and those of neighbouring columns lie side by side, so that most of a row is copied. Sums are integers too: a value is
split into whole multiples of 4096 and of 2**-50, so adding and subtracting loses nothing, a sum does not depend on its
neighbours or on earlier rows, and a row costs the same however long the history is. (Values of 8 and more are exact;
smaller ones are rounded to 2**-50, each for itself. A float prefix sum would be neither, and summing every window
again is quadratic.)
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

COUNT, RECENCY, TREND, SLOPE, OPENINGS, SUM, MEAN, EXTREME, LAST, STD, TENURE, GAPS = range(12)
STAGE, STAGE_TIME, STAGE_CHANGES, STAGE_BEFORE, STAGE_VISITS, EVENT_BEFORE, EVENT_GAP, ATTRIBUTE = range(12, 20)
OPERATIONS = 20
TO, ONE, TWO = range(3)  # columns of Spec.operations
CLOCKS, RHYTHMS, STACKS, RULED = range(4)  # blocks of Lists behind those of the windows
HIGH, LOW = 0, 1  # rows of State.sums
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
    windows, slots, stacks, rules = len(spec.width), len(spec.measure), len(spec.stacked), len(spec.rules.stage)
    return State(
        tail=np.empty(windows, dtype=np.int64),
        moved=np.empty(windows, dtype=np.int64),
        opens=np.empty((len(spec.gap), longest), dtype=np.bool_),
        opened=np.empty((len(spec.gap), windows), dtype=np.int64),
        held=np.empty(slots, dtype=np.int32),
        sums=np.empty((2, slots), dtype=np.int64),
        clock=np.empty(spec.stamp.shape[1], dtype=np.float64),
        beats=np.empty((spec.rhythms, 3), dtype=np.int64),
        gaps=np.empty((spec.rhythms, 4), dtype=np.float64),
        stack=np.empty((stacks, longest if stacks else 0), dtype=np.int64),
        depth=np.empty(stacks, dtype=np.int64),
        holding=Holding(
            until=np.empty(rules, dtype=np.int64),
            newest=np.empty(rules, dtype=np.int64),
            seen=np.empty(rules, dtype=np.int64),
            recent=np.empty((rules, int(spec.rules.at_least.max(initial=0))), dtype=np.int64),
            soonest=np.empty(1, dtype=np.int64),
        ),
        entries=np.empty((2, longest * (1 + rules)), dtype=np.int64),
        visits=np.empty((2, int(spec.rules.stage.max(initial=0)) + 1), dtype=np.int64),
    )


@compiled
def fill(spec: Spec, events: Events, rows: Rows, state: State, customers: tuple[int, int], out: Singles) -> None:
    """Writes the features of every row of a range of customers; row n of ``rows`` goes to ``out[rows.place[n]]``."""
    first, last = customers
    staged = spec.first[STAGE] < spec.first[STAGE_VISITS + 1]
    for customer in range(first, last):
        if rows.pointer[customer] == rows.pointer[customer + 1]:
            continue
        start, stop = events.indptr[customer], events.indptr[customer + 1]
        origin = events.time[start] if start < stop else 0
        _begin(state, start)
        entries = _walk_stages(spec, events, (start, stop), state) if staged else 0
        head = start
        for row in range(rows.pointer[customer], rows.pointer[customer + 1]):
            cutoff = rows.cutoff[row]
            while head < stop and events.time[head] <= cutoff:
                _enter(spec, events, state, start, head)
                head += 1
            _slide(spec, events, state, start, head, cutoff)
            line = out[rows.place[row]]
            _write_runs(spec, state, np.float64(cutoff - origin), line)
            _write_counts(spec, state, head, start, line)
            _write_measures(spec, events, state, line)
            _write_times(spec, events, state, (start, head), cutoff, line)
            if staged:
                _slide_stages(spec, state, entries, cutoff)
                _write_stages(spec, state, cutoff, line)
            for at in range(spec.first[ATTRIBUTE], spec.first[ATTRIBUTE + 1]):
                line[spec.operations[at, TO]] = events.attributes[spec.operations[at, ONE], customer]


@inner
def _begin(state: State, start: int) -> None:
    state.tail[:] = start
    state.moved[:] = 0
    state.opened[:] = 0
    state.held[:] = 0
    state.sums[:] = 0
    state.clock[:] = -np.inf
    state.beats[:] = 0
    state.depth[:] = 0
    state.visits[:] = 0


@inner
def _admits(lists: Lists, at: int, value: float) -> bool:
    admits: bool = np.isnan(lists.floor[at]) or value >= lists.floor[at]
    return admits


@inner
def _tally(spec: Spec, events: Events, state: State, window: int, event: int, sign: int) -> None:
    """Adds one event to every slot that a window lists for it, or takes it away."""
    lists, held = spec.lists, state.held
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        delta = spec.delta[window, kind]
        for slot in range(len(held)):
            held[slot] += sign * delta[slot]
        for at in range(lists.pointer[window, kind], lists.pointer[window, kind + 1]):
            if _admits(lists, at, events.measures[0, event]):
                _weigh(spec, events, state, lists.member[at], event, sign)


@inner
def _weigh(spec: Spec, events: Events, state: State, slot: int, event: int, sign: int) -> None:
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
def _enter(spec: Spec, events: Events, state: State, start: int, event: int) -> None:
    time, lists, behind = events.time[event], spec.lists, len(spec.width)
    before = events.time[max(event - 1, start)]
    for kind in range(len(spec.gap)):
        late = time - before > spec.gap[kind] if spec.gap[kind] else time // DAY != before // DAY
        opens = late or event == start
        state.opens[kind, event - start] = opens
        state.opened[kind, 0] += opens
    _tally(spec, events, state, 0, event, 1)
    value, now, clock = events.measures[0, event], np.float64(time - events.time[start]), state.clock
    for column in range(events.kinds.shape[1]):
        kind = events.kinds[event, column]
        stamp = spec.stamp[kind]
        for number in range(len(clock)):
            clock[number] = max(clock[number], now + stamp[number])
        for at in range(lists.pointer[behind + CLOCKS, kind], lists.pointer[behind + CLOCKS, kind + 1]):
            if _admits(lists, at, value):
                clock[lists.member[at]] = now
        for at in range(lists.pointer[behind + RHYTHMS, kind], lists.pointer[behind + RHYTHMS, kind + 1]):
            if _admits(lists, at, value):
                _keep_time(state, lists.member[at], time)
        for at in range(lists.pointer[behind + STACKS, kind], lists.pointer[behind + STACKS, kind + 1]):
            if _admits(lists, at, value):
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
def _slide(spec: Spec, events: Events, state: State, start: int, head: int, cutoff: int) -> None:
    """Lets every event leave that lies before a window, one exactly its width earlier included."""
    for window in range(1, len(spec.width)):
        tail, bound = state.tail[window], cutoff - spec.width[window]
        while tail < head and events.time[tail] <= bound:
            for kind in range(len(spec.gap)):
                state.opened[kind, window] += state.opens[kind, tail - start]
            _tally(spec, events, state, window, tail, -1)
            tail += 1
        state.tail[window] = tail


@inner
def _slide_stages(spec: Spec, state: State, entries: int, cutoff: int) -> None:
    """Lets stage entries come, and leave the windows."""
    came = state.moved[0]
    while came < entries and state.entries[ENTERED, came] <= cutoff:
        state.visits[0, state.entries[STAGED, came]] += 1
        if came > 0:
            spent = state.entries[ENTERED, came] - state.entries[ENTERED, came - 1]
            state.visits[1, state.entries[STAGED, came - 1]] += spent
        came += 1
    state.moved[0] = came
    for window in range(1, len(spec.width)):
        bound = cutoff - spec.width[window]
        while state.moved[window] < came and state.entries[ENTERED, state.moved[window]] <= bound:
            state.moved[window] += 1


@inner
def _total(state: State, slot: int) -> float:
    high, low = state.sums[HIGH, slot], state.sums[LOW, slot]
    if high < 0:  # a small negative total is a small low part, not a large one less 4096
        high, low = high + 1, low - (1 << LOW_BITS)
    total: float = high * COARSE + low * FINE
    return total


@inner
def _write_runs(spec: Spec, state: State, now: float, line: Singles) -> None:
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
def _write_counts(spec: Spec, state: State, head: int, start: int, line: Singles) -> None:
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
def _write_measures(spec: Spec, events: Events, state: State, line: Singles) -> None:
    asked = spec.operations
    for at in range(spec.first[SUM], spec.first[SUM + 1]):
        line[asked[at, TO]] = _total(state, asked[at, ONE])
    for at in range(spec.first[MEAN], spec.first[MEAN + 1]):
        line[asked[at, TO]] = _total(state, asked[at, ONE]) / state.held[asked[at, ONE]]
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
def _write_times(spec: Spec, events: Events, state: State, known: tuple[int, int], cutoff: int, line: Singles) -> None:
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
def _write_stages(spec: Spec, state: State, cutoff: int, line: Singles) -> None:
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
    rules, block, kind = spec.rules, len(spec.width) + RULED, events.kinds[event, 0]
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
    for rule in range(len(holding.until) - 1, -1, -1):
        if holding.until[rule] > now and holding.newest[rule] > latest:
            stage, latest = rules.stage[rule], holding.newest[rule]
            if not rules.latest:  # the furthest one is found
                break
    if found and entries[STAGED, found - 1] == stage:
        return found
    entries[ENTERED, found] = now
    entries[STAGED, found] = stage
    return found + 1

"""The loop over customers and their rows, and what surrounds it."""

from collections.abc import Callable

import numpy as np

from features.arrays import Ints, Singles
from features.kernel.compiling import compiled, inner, source_stamp
from features.kernel.operations import ATTRIBUTE, ENTERED, ONE, STAGE, STAGE_VISITS, STAGED, TO
from features.kernel.spec import Events, Holding, Rows, Spec, State
from features.kernel.varieties import FINE_TERM, forget_varieties, write_varieties
from features.kernel.walk import slide_stages, walk_stages
from features.kernel.windows import enter, slide
from features.kernel.writing import write_counts, write_measures, write_runs, write_stages, write_times

STAMP = source_stamp()

Fill = Callable[[Spec, Events, Rows, State, tuple[int, int], Singles], None]
ListStages = Callable[[Spec, Events, State, Ints, Ints], None]


def new_state(spec: Spec, longest: int, names: int = 0) -> State:
    """Returns work space for customers with up to ``longest`` events, and dictionaries of up to so many names."""
    varieties, number = len(spec.variety), np.arange(1.0, longest + 1.0)
    windows, stacks, rules = len(spec.width), len(spec.stacked), len(spec.rules.stage)
    slots = len(spec.measure) + max(spec.counted.shape[2], spec.emptied.shape[1])  # with those that nobody reads
    return State(
        tail=np.empty(windows, dtype=np.int64),
        moved=np.empty(windows, dtype=np.int64),
        opened=np.empty((len(spec.gap), longest + 2), dtype=np.int64),
        held=np.empty(slots, dtype=np.int32),
        sums=np.empty((2, slots), dtype=np.int64),
        clock=np.empty(spec.clocks + spec.stamped.shape[1], dtype=np.float64),
        beats=np.empty((spec.rhythms, 3), dtype=np.int64),
        gaps=np.empty((spec.rhythms, 4), dtype=np.float64),
        stack=np.empty((stacks, longest if stacks else 0), dtype=np.int64),
        kept=np.empty((stacks, longest + 1 if stacks else 0), dtype=np.float64),
        depth=np.empty(stacks, dtype=np.int64),
        of_each=np.zeros((varieties, names), dtype=np.int32),
        varied=np.empty((3, varieties), dtype=np.int64),
        terms=np.append(0, np.rint(number * np.log(number) / FINE_TERM)).astype(np.int64),
        holding=Holding(
            until=np.empty(rules, dtype=np.int64),
            newest=np.empty(rules, dtype=np.int64),
            seen=np.empty(rules, dtype=np.int64),
            turn=np.empty(rules, dtype=np.int64),
            recent=np.empty((rules, int(spec.rules.at_least.max(initial=0))), dtype=np.int64),
            soonest=np.empty(1, dtype=np.int64),
        ),
        entries=np.empty((2, longest * (1 + rules)), dtype=np.int64),
        visits=np.empty((2, int(spec.rules.stage.max(initial=0)) + 1), dtype=np.int64),
    )


@inner
def _fill(spec: Spec, events: Events, rows: Rows, state: State, customers: tuple[int, int], out: Singles) -> None:
    first, last = customers
    staged = spec.first[STAGE] < spec.first[STAGE_VISITS + 1]
    for customer in range(first, last):
        if rows.pointer[customer] == rows.pointer[customer + 1]:
            continue
        start, stop = events.indptr[customer], events.indptr[customer + 1]
        origin = events.time[start] if start < stop else 0
        _begin(state, start)
        entries = walk_stages(spec, events, (start, stop), state) if staged else 0
        head = start
        for row in range(rows.pointer[customer], rows.pointer[customer + 1]):
            cutoff, known = rows.cutoff[row], head
            while head < stop and events.time[head] <= cutoff:
                enter(spec, events, state, start, head)
                head += 1
            slide(spec, events, state, known, head, cutoff)
            line = out[rows.place[row]]
            write_runs(spec, state, np.float64(cutoff - origin), line)
            write_counts(spec, state, start, head, line)
            write_measures(spec, state, line)
            write_varieties(spec, state, line)
            write_times(spec, events, state, (start, head), cutoff, line)
            if staged:
                slide_stages(spec, state, entries, cutoff)
                write_stages(spec, state, cutoff, line)
            for at in range(spec.first[ATTRIBUTE], spec.first[ATTRIBUTE + 1]):
                line[spec.operations[at, TO]] = events.attributes[spec.operations[at, ONE], customer]
        forget_varieties(spec, events, state, start, head)


@inner
def _begin(state: State, start: int) -> None:
    state.tail[:] = start
    state.moved[:] = 0
    state.opened[:, 0] = 0
    state.held[:] = 0
    state.sums[:] = 0
    state.clock[:] = -np.inf
    state.beats[:] = 0
    state.gaps[:] = 0.0
    state.gaps[:, 0] = np.nan
    state.depth[:] = 0
    state.visits[:] = 0
    state.varied[:] = 0


def _entry(stamp: int) -> Fill:
    @compiled
    def fill(spec: Spec, events: Events, rows: Rows, state: State, customers: tuple[int, int], out: Singles) -> None:
        """Writes the features of the rows of a range of customers; row n goes to ``out[rows.place[n]]``."""
        _ = stamp  # enclosed, so that code of other sources is not taken from disk
        _fill(spec, events, rows, state, customers, out)

    return fill


fill = _entry(STAMP)


def _lister(stamp: int) -> ListStages:
    @compiled
    def list_stages(spec: Spec, events: Events, state: State, pointer: Ints, entries: Ints) -> None:
        """Writes the stage entries of all customers one after the other; into no room, only where each one's begin."""
        _ = stamp
        for customer in range(len(pointer) - 1):
            found = walk_stages(spec, events, (events.indptr[customer], events.indptr[customer + 1]), state)
            pointer[customer + 1] = pointer[customer] + found
            for entry in range(found if entries.shape[1] else 0):
                entries[ENTERED, pointer[customer] + entry] = state.entries[ENTERED, entry]
                entries[STAGED, pointer[customer] + entry] = state.entries[STAGED, entry]

    return list_stages


list_stages = _lister(STAMP)

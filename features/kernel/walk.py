"""The stages that a customer goes through, worked out event by event."""

import numpy as np

from features.arrays import Ints
from features.kernel.compiling import inner
from features.kernel.operations import ENTERED, RULED, STAGED
from features.kernel.spec import Events, Holding, Rules, Spec, State
from features.kernel.windows import admits

FOREVER = np.iinfo(np.int64).max
NEVER = np.iinfo(np.int64).min


@inner
def walk_stages(spec: Spec, events: Events, bounds: tuple[int, int], state: State) -> int:
    """Writes when one customer enters which stage, and returns how many entries there are.

    A stage can change only when an event comes or when one leaves a rule's window, exactly its width later.
    """
    holding, entries = state.holding, state.entries
    holding.until[:] = NEVER
    holding.newest[:] = -1
    holding.seen[:] = 0
    holding.turn[:] = 0
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
        if admits(spec.lists, at, events.measures[0, event]):
            rule = spec.lists.member[at]
            recent, turn = holding.recent[rule], holding.turn[rule]
            recent[turn] = events.time[event]
            turn = turn + 1 if turn + 1 < rules.at_least[rule] else 0
            holding.turn[rule] = turn
            holding.seen[rule] += 1
            holding.newest[rule] = event
            if holding.seen[rule] >= rules.at_least[rule]:
                oldest = recent[turn]  # the one that the next match overwrites
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


@inner
def slide_stages(spec: Spec, state: State, entries: int, cutoff: int) -> None:
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

"""Turns what a plan collected into the arrays that the kernel reads."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from features.arrays import Ints, Places, Singles
from features.durations import parse_duration
from features.events import EVENT
from features.journey import Rule
from features.kernel.operations import COUNT, MEAN, OPERATIONS, RECENCY, SUM, TREND
from features.kernel.spec import Lists, Rules, Spec
from features.kernel.walk import FOREVER
from features.kinds import MISSING, Kinds
from features.plan import ALL, STAGE, Group, Operation, Plan

RUNS = (COUNT, RECENCY, TREND, SUM, MEAN)
"""Operations that fill a run of columns."""

Floors = dict[tuple[str, str], float]
"""The (dimension, name) of the events that a group or rule takes, and their least value; NaN takes all."""


def specify(plan: Plan, kinds: Kinds) -> Spec:
    """Returns everything that a plan asks for as arrays."""
    rules = [(code, rule) for code, stage in enumerate(plan.journey.stages, start=1) for rule in stage.rules]
    slots = [(window, taken(plan, group), group.measure) for group, window in plan.counters]
    clocks = [taken(plan, group) for group in plan.clocks]
    operations, terms = merged(sorted(plan.operations), plan.terms)
    return Spec(
        width=_integers(list(plan.windows)),
        gap=_integers(list(plan.sessions)),
        measure=_integers([plan.row(group) for group, _ in plan.counters]),
        stacked=_integers([(plan.row(group), keeps) for group, keeps in plan.stacks]).reshape(-1, 2),
        variety=_integers([(window, plan.varied.index(of)) for _, window, of in plan.varieties]).reshape(-1, 2),
        clocks=len(clocks),
        rhythms=len(plan.rhythms),
        counted=_counted(slots, len(plan.windows), kinds),
        emptied=_padded(
            [[slot for slot, (of, *_) in enumerate(slots) if of == window] for window in range(len(plan.windows))],
            len(slots),
        ),
        stamped=_padded(_takers(enumerate(clocks), kinds), len(clocks)),
        lists=_packed(_blocks(plan, slots, clocks, [rule for _, rule in rules]), kinds),
        rules=Rules(
            at_least=_integers([rule.at_least for _, rule in rules]),
            within=_integers([parse_duration(rule.within) if rule.within else FOREVER for _, rule in rules]),
            stage=_integers([code for code, _ in rules]),
            latest=plan.journey.stage == "latest",
        ),
        first=np.searchsorted([operation[0] for operation in operations], np.arange(OPERATIONS + 1)).astype(np.int64),
        operations=np.array([operation[1:4] for operation in operations], dtype=np.uint32).reshape(-1, 3),
        scale=np.array([operation[4] for operation in operations], dtype=np.float64),
        terms=np.array(terms, dtype=np.uint32),
        tables=_tables(plan, kinds),
        tabled=_integers([kinds.column_of(dimension) for dimension, _ in plan.tables]),
    )


def merged(operations: list[Operation], terms: list[int]) -> tuple[list[Operation], list[int]]:
    """Returns operations of which some stand for a run of columns, and the terms with those of the trends.

    Examples
    --------
    >>> merged([(COUNT, 3, 0, 0, 1.0), (COUNT, 4, 1, 0, 1.0), (COUNT, 6, 2, 0, 1.0)], [])
    ([(0, 3, 0, 2, 1.0), (0, 6, 2, 1, 1.0)], [])
    >>> merged([(TREND, 0, 4, 5, 2.0), (TREND, 1, 7, 8, 2.0)], [])
    ([(2, 0, 0, 2, 2.0)], [4, 7, 5, 8])
    """
    runs: list[list[Operation]] = []
    for operation in operations:
        if runs and _continues(runs[-1], operation):
            runs[-1].append(operation)
        else:
            runs.append([operation])
    found, terms = [], list(terms)
    for run in runs:
        kind, column, one, two, scale = run[0]
        if kind in RUNS:
            one, two = len(terms) if kind == TREND else one, len(run)
        if kind == TREND:
            terms += [operation[2] for operation in run] + [operation[3] for operation in run]
        found.append((kind, column, one, two, scale))
    return found, terms


def _continues(run: list[Operation], operation: Operation) -> bool:
    kind, column, one, _, scale = run[-1]
    neighbours = kind == TREND or one + 1 == operation[2]
    return kind in RUNS and (kind, column + 1, scale) == (*operation[:2], operation[4]) and neighbours


def taken(plan: Plan, group: Group) -> Floors:
    """Returns what events a group takes."""
    if group.by == ALL:
        return {(EVENT, name): math.nan for name in plan.dimensions[EVENT]}
    if group.by == STAGE:
        return floors_of(plan.rules_of(group))
    if group.excluding is None:
        return {(group.by, group.value): math.nan}
    named = {MISSING, *group.excluding}
    return {(group.by, name): math.nan for name in plan.dimensions[group.by] if name not in named}


def floors_of(rules: tuple[Rule, ...]) -> Floors:
    """Returns the events that at least one rule counts."""
    floors: Floors = {}
    for rule in rules:
        for event in rule.events:
            floor = math.nan if rule.min_value is None else rule.min_value
            known = floors.get((EVENT, event), math.inf)
            floors[EVENT, event] = math.nan if math.isnan(floor) or math.isnan(known) else min(floor, known)
    return floors


Slots = list[tuple[int, Floors, str | None]]
"""The window of each slot, the events it takes and the measure it adds up."""


def _counted(slots: Slots, windows: int, kinds: Kinds) -> Places:
    counting = [
        _takers(
            [(slot, floors) for slot, (of, floors, measure) in enumerate(slots) if measure is None and of == window],
            kinds,
        )
        for window in range(windows)
    ]
    return _padded([takers for window in counting for takers in window], len(slots)).reshape(windows, len(kinds), -1)


def _takers(groups: Iterable[tuple[int, Floors]], kinds: Kinds) -> list[list[int]]:
    """Returns for each kind the numbers of the groups that take such an event whatever its value."""
    takers: list[list[int]] = [[] for _ in range(len(kinds))]
    for number, floors in groups:
        for name, floor in floors.items():
            for kind in kinds.having(*name) if math.isnan(floor) else ():
                takers[kind].append(number)
    return takers


def _padded(lists: list[list[int]], spare: int) -> Places:
    """Returns lists as rows of equal length, filled up with numbers from ``spare`` on, a different one each."""
    most = max(map(len, lists), default=0)
    rows = [[*numbers, *range(spare + len(numbers), spare + most)] for numbers in lists]
    return np.array(rows, dtype=np.uint32).reshape(len(lists), most)


def _blocks(plan: Plan, slots: Slots, clocks: list[Floors], rules: list[Rule]) -> list[list[tuple[int, Floors]]]:
    """Returns the members of every block of the lists with the events they take."""
    valued = [
        (slot, window, floors if measure else _least(floors)) for slot, (window, floors, measure) in enumerate(slots)
    ]
    windows = [[(slot, floors) for slot, of, floors in valued if of == window] for window in range(len(plan.windows))]
    timed = [(clock, _least(floors)) for clock, floors in enumerate(clocks)]
    rhythms = [(number, taken(plan, group)) for number, group in enumerate(plan.rhythms)]
    stacks = [(number, taken(plan, group)) for number, (group, _) in enumerate(plan.stacks)]
    varieties = [(number, taken(plan, group)) for number, (group, _, _) in enumerate(plan.varieties)]
    return [
        *windows,
        timed,
        rhythms,
        stacks,
        varieties,
        [(number, floors_of((rule,))) for number, rule in enumerate(rules)],
    ]


def _least(floors: Floors) -> Floors:
    """Returns those of which only events from a least value on are taken."""
    return {name: floor for name, floor in floors.items() if not math.isnan(floor)}


def _packed(blocks: list[list[tuple[int, Floors]]], kinds: Kinds) -> Lists:
    lists: list[list[tuple[int, float]]] = [[] for _ in range(len(blocks) * len(kinds))]
    for number, block in enumerate(blocks):
        for member, floors in block:
            for name, floor in floors.items():
                for kind in kinds.having(*name):
                    lists[number * len(kinds) + kind].append((member, floor))
    ends = np.cumsum([len(entries) for entries in lists]).reshape(len(blocks), -1)
    starts = np.append(0, ends[:-1, -1])
    return Lists(
        pointer=np.column_stack([starts, ends]).astype(np.int64),
        member=np.array([member for entries in lists for member, _ in entries], dtype=np.uint32),
        floor=np.array([floor for entries in lists for _, floor in entries], dtype=np.float64),
    )


def _tables(plan: Plan, kinds: Kinds) -> Singles:
    """Returns what each table calls each kind: a listed name's place, one more for others, NaN if missing."""
    tables = np.full((len(plan.tables), len(kinds)), np.nan, dtype=np.float32)
    for number, (dimension, names) in enumerate(plan.tables):
        for name in plan.dimensions[dimension]:
            if name != MISSING:
                tables[number, kinds.having(dimension, name)] = names.get(name, len(names))
    return tables


def _integers(numbers: Sequence[int] | Sequence[tuple[int, int]]) -> Ints:
    return np.array(numbers, dtype=np.int64)

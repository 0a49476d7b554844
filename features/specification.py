"""Turns what a plan collected into the arrays that the kernel reads."""

import math
from collections.abc import Sequence

import numpy as np

from features.arrays import Counts, Floats, Ints, Singles
from features.durations import parse_duration
from features.events import EVENT
from features.journey import Rule
from features.kernel.operations import COUNT, OPERATIONS, RECENCY
from features.kernel.spec import Lists, Rules, Spec
from features.kernel.walk import FOREVER
from features.kinds import MISSING, Kinds
from features.plan import ALL, STAGE, Group, Operation, Plan

Floors = dict[tuple[str, str], float]
"""The (dimension, name) of the events that a group or rule takes, and their least value; NaN takes all."""


def specify(plan: Plan, kinds: Kinds) -> Spec:
    """Returns everything that a plan asks for as arrays."""
    rules = [(code, rule) for code, stage in enumerate(plan.journey.stages, start=1) for rule in stage.rules]
    slots = [(window, taken(plan, group), group.measure) for group, window in plan.counters]
    clocks = [taken(plan, group) for group in plan.clocks]
    operations, delta = merged(sorted(plan.operations)), _delta(slots, len(plan.windows), kinds)
    return Spec(
        width=_integers(list(plan.windows)),
        gap=_integers(list(plan.sessions)),
        measure=_integers([plan.row(group) for group, _ in plan.counters]),
        stacked=_integers([(plan.row(group), keeps) for group, keeps in plan.stacks]).reshape(-1, 2),
        variety=_integers([(window, plan.varied.index(of)) for _, window, of in plan.varieties]).reshape(-1, 2),
        rhythms=len(plan.rhythms),
        delta=delta,
        reach=_reach(delta),
        stamp=_stamp(clocks, kinds),
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
        terms=np.array(plan.terms, dtype=np.uint32),
        tables=_tables(plan, kinds),
        tabled=_integers([kinds.column_of(dimension) for dimension, _ in plan.tables]),
    )


def merged(operations: list[Operation]) -> list[Operation]:
    """Returns operations of which each count or recency stands for a run of columns read from neighbouring places.

    Examples
    --------
    >>> merged([(COUNT, 3, 0, 0, 1.0), (COUNT, 4, 1, 0, 1.0), (COUNT, 6, 2, 0, 1.0)])
    [(0, 3, 0, 2, 1.0), (0, 6, 2, 1, 1.0)]
    """
    runs: list[Operation] = []
    for operation in operations:
        kind, column, place, *_ = operation
        if kind not in (COUNT, RECENCY):
            runs.append(operation)
            continue
        last = runs[-1] if runs else None
        if last and last[0] == kind and last[1] + last[3] == column and last[2] + last[3] == place:
            runs[-1] = (kind, last[1], last[2], last[3] + 1, 1.0)
        else:
            runs.append((kind, column, place, 1, 1.0))
    return runs


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


def _delta(slots: Slots, windows: int, kinds: Kinds) -> Counts:
    delta = np.zeros((windows, len(kinds), len(slots)), dtype=np.int32)
    for slot, (window, floors, measure) in enumerate(slots):
        if measure is None and _is_plain(floors):
            for name in floors:
                delta[0, kinds.having(*name), slot] = 1
                delta[window, kinds.having(*name), slot] = 1
    return delta


def _reach(delta: Counts) -> Ints:
    reach = np.zeros((len(delta), 2), dtype=np.int64)
    for window, slots in enumerate(delta):
        used = np.flatnonzero(slots.any(axis=0))
        if len(used):
            reach[window] = used[0], used[-1] + 1
    return reach


def _stamp(clocks: list[Floors], kinds: Kinds) -> Floats:
    stamp = np.full((len(kinds), len(clocks)), -np.inf)
    for clock, floors in enumerate(clocks):
        if _is_plain(floors):
            for name in floors:
                stamp[kinds.having(*name), clock] = 0.0
    return stamp


def _blocks(plan: Plan, slots: Slots, clocks: list[Floors], rules: list[Rule]) -> list[list[tuple[int, Floors]]]:
    """Returns the members of every block of the lists with the events they take."""
    looking = [
        (slot, window, floors)
        for slot, (window, floors, measure) in enumerate(slots)
        if measure is not None or not _is_plain(floors)
    ]
    windows = [
        [(slot, floors) for slot, of, floors in looking if window in (0, of)] for window in range(len(plan.windows))
    ]
    timed = [(clock, floors) for clock, floors in enumerate(clocks) if not _is_plain(floors)]
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


def _is_plain(floors: Floors) -> bool:
    """Whether events are taken whatever their value."""
    return all(math.isnan(floor) for floor in floors.values())


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

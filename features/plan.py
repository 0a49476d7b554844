"""What the aggregations of one feature set ask of the kernel, collected and turned into its Spec."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from features.durations import LIFETIME, parse_duration
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey, Rule
from features.spec import Lists, Rules, Spec
from features.windows import ATTRIBUTE, COUNT, FOREVER, GAPS, MAX, MEAN, OPERATIONS, RECENCY, SUM, TREND

if TYPE_CHECKING:
    from features.aggregations import Aggregation, Attribute

ALL = "all"
STAGE = "stage"
OTHER = "other"

UNLISTED = "\x00"
Floors = dict[tuple[str, str], float]
"""The (dimension, name) of the events that a group or rule takes, and their least value; NaN takes all."""


@dataclass(frozen=True)
class Group:
    """The events that an aggregation looks at.

    Parameters
    ----------
    by
        A dimension of the log, ``stage`` for the events that belong to a stage, or ``all``.
    value
        A name in that dimension; not read when ``by`` is ``all``.
    measure
        When given, only events that have it.
    excluding
        When given, the events with any other value than these; ``value`` is then only a name.
    """

    by: str
    value: str = ""
    measure: str | None = None
    excluding: tuple[str, ...] | None = None


@dataclass(eq=False)
class Plan:
    """Numbers columns, groups and windows in the order in which they are asked for.

    Parameters
    ----------
    dimensions
        For each dimension that is read, a place for each name that some group mentions; every other text of the log,
        and a missing one, counts as ``UNLISTED``.
    operations
        (kind, column, group, window, long window, scale) of every column or block of columns.
    attributes
        The aggregations that read the customers' attributes.
    interpreted
        Aggregations that the kernel does not know, with their first columns: NumPy computes them.
    columns
        How many columns there are so far.
    """

    journey: Journey
    groups: dict[Group, int] = field(default_factory=dict)
    windows: dict[str, int] = field(default_factory=lambda: {LIFETIME: 0})
    dimensions: dict[str, dict[str, int]] = field(default_factory=lambda: {EVENT: {UNLISTED: 0}})
    measures: dict[str, int] = field(default_factory=lambda: {VALUE: 0})
    operations: list[tuple[int, int, int, int, int, float]] = field(default_factory=list)
    attributes: list["Attribute"] = field(default_factory=list)
    interpreted: list[tuple[int, "Aggregation"]] = field(default_factory=list)
    columns: int = 0

    def add(
        self, kind: int, group: Group | None = None, windows: tuple[str, ...] = (), scale: float = 1.0, columns: int = 1
    ) -> None:
        """Asks for an operation of the kernel, which fills the next columns."""
        first, second = [*(self.windows.setdefault(window, len(self.windows)) for window in windows), 0, 0][:2]
        slot = self._group(group) if group else 0
        self.operations.append((kind, self.columns, slot, first, second, scale))
        self.columns += columns

    def add_attribute(self, attribute: "Attribute") -> None:
        """Asks for a column of an attribute's numbers."""
        self.operations.append((ATTRIBUTE, self.columns, len(self.attributes), 0, 0, 1.0))
        self.attributes.append(attribute)
        self.columns += 1

    def dated(self, log: EventLog) -> list[tuple[int, "Aggregation"]]:
        """Returns the attributes that have dates in a log, with their columns: NumPy looks them up."""
        known = () if log.dated is None else log.dated.columns
        asked = [(column, self.attributes[place]) for kind, column, place, *_ in self.operations if kind == ATTRIBUTE]
        return [(column, attribute) for column, attribute in asked if attribute.name in known]

    def interpret(self, aggregation: "Aggregation") -> None:
        """Leaves an aggregation to its definition in NumPy."""
        self.interpreted.append((self.columns, aggregation))
        self.columns += len(aggregation.columns())

    def spec(self) -> Spec:
        """Returns everything asked for as arrays."""
        rules = [(code, rule) for code, stage in enumerate(self.journey.stages, start=1) for rule in stage.rules]
        for _, rule in rules:
            self._mention(EVENT, rule.events)
        ordered = sorted(self.operations)
        kinds = np.array([operation[0] for operation in ordered], dtype=np.int64)
        widths = [0 if window == LIFETIME else parse_duration(window) for window in self.windows]
        return Spec(
            width=np.array(widths, dtype=np.int64),
            measure=np.array(
                [self.measures.get(g.measure, -1) if g.measure else -1 for g in self.groups], dtype=np.int64
            ),
            lists=self._lists([rule for _, rule in rules]),
            rules=Rules(
                at_least=np.array([rule.at_least for _, rule in rules], dtype=np.int64),
                within=np.array([parse_duration(r.within) if r.within else FOREVER for _, r in rules], dtype=np.int64),
                stage=np.array([code for code, _ in rules], dtype=np.int64),
                latest=self.journey.stage == "latest",
            ),
            first=np.searchsorted(kinds, np.arange(OPERATIONS + 1)).astype(np.int64),
            operations=np.array([self._operands(*operation[1:5]) for operation in ordered], dtype=np.uint32).reshape(
                -1, 5
            ),
            scale=np.array([operation[5] for operation in ordered], dtype=np.float64),
        )

    def _operands(self, column: int, group: int, window: int, longer: int) -> tuple[int, int, int, int, int]:
        left, left_long = ((place or len(self.windows)) * len(self.groups) + group for place in (window, longer))
        return column, group, left, window, left_long

    def _group(self, group: Group) -> int:
        if group.measure is not None:
            self.measures.setdefault(group.measure, len(self.measures))
        if group.by == STAGE:
            self._mention(EVENT, tuple(event for rule in self._rules_of(group) for event in rule.events))
        elif group.by != ALL:
            self._mention(group.by, (group.value,))
        return self.groups.setdefault(group, len(self.groups))

    def _row(self, group: Group) -> int:
        return -1 if group.measure is None else self.measures[group.measure]

    def _mention(self, dimension: str, names: tuple[str, ...]) -> None:
        places = self.dimensions.setdefault(dimension, {UNLISTED: 0})
        for name in names:
            places.setdefault(name, len(places))

    def _rules_of(self, group: Group) -> tuple[Rule, ...]:
        return next(stage.rules for stage in self.journey.stages if stage.name == group.value)

    def _lists(self, rules: list[Rule]) -> Lists:
        """Returns the lists of every block; the kinds of one dimension lie together."""
        places = [(dimension, name) for dimension, names in self.dimensions.items() for name in names]
        place = {kind: number for number, kind in enumerate(places)}
        taken = [self._taken(group) for group in self.groups]
        blocks = [[(group, taken[group]) for group in sorted(block)] for block in self._blocks()]
        blocks.append([(number, _floors((rule,))) for number, rule in enumerate(rules)])
        lists: list[list[tuple[int, float]]] = [[] for _ in range(len(blocks) * len(places))]
        for number, block in enumerate(blocks):
            for member, floors in block:
                for kind, floor in floors.items():
                    lists[number * len(places) + place[kind]].append((member, floor))
        ends = np.cumsum([len(entries) for entries in lists]).reshape(len(blocks), -1)
        starts = np.append(0, ends[:-1, -1])
        return Lists(
            pointer=np.column_stack([starts, ends]).astype(np.int64),
            member=np.array([member for entries in lists for member, _ in entries], dtype=np.int64),
            floor=np.array([floor for entries in lists for _, floor in entries], dtype=np.float64),
        )

    def _blocks(self) -> list[set[int]]:
        """Returns the groups in the block of each window, of times and of maxima."""
        tallied: list[set[int]] = [set() for _ in self.windows]
        timed: set[int] = set()
        peaked: set[int] = set()
        for kind, _, group, *windows, _ in self.operations:
            if kind in (RECENCY, GAPS):
                timed.add(group)
            elif kind == MAX:
                peaked.add(group)
            elif kind in (COUNT, TREND, SUM, MEAN):
                for window in (0, *windows):
                    tallied[int(window)].add(group)
        return [*tallied, timed, peaked]

    def _taken(self, group: Group) -> Floors:
        """Returns the kinds of events that a group takes."""
        if group.by == ALL:
            return {(EVENT, name): math.nan for name in self.dimensions[EVENT]}
        if group.by == STAGE:
            return _floors(self._rules_of(group))
        return {(group.by, group.value): math.nan}


def _floors(rules: tuple[Rule, ...]) -> Floors:
    """Returns the kinds of events that at least one rule counts."""
    floors: Floors = {}
    for rule in rules:
        for event in rule.events:
            floor = math.nan if rule.min_value is None else rule.min_value
            known = floors.get((EVENT, event), math.inf)
            floors[EVENT, event] = math.nan if math.isnan(floor) or math.isnan(known) else min(floor, known)
    return floors

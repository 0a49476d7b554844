"""What the aggregations of one feature set ask of the kernel, collected and turned into its Spec."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from features.durations import LIFETIME, parse_duration
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey, Rule
from features.kernel.operations import ATTRIBUTE
from features.kinds import NOT_NAMED

if TYPE_CHECKING:
    from features.aggregations import Aggregation, Attribute

ALL = "all"
STAGE = "stage"
OTHER = "other"

Operation = tuple[int, int, int, int, float]

LARGEST, SMALLEST, EVERY = 1, -1, 0
"""What a stack keeps."""


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
    """Numbers what the aggregations ask for, in the order in which they do; what two ask for is kept once.

    Parameters
    ----------
    windows
        Their widths in microseconds; the first, 0, stands for the lifetime.
    dimensions
        For each dimension that is read, a place for each name that some aggregation mentions; every other text of the
        log counts as ``UNLISTED``, none at all as ``MISSING``.
    counters
        The slots: a number or sum of the events of a group in a window.
    clocks, rhythms, stacks
        The groups of which the last time, the gaps, and the largest, the smallest or all events are kept.
    varieties
        The groups, windows and dimensions of which the different values are counted.
    sessions
        The gaps, in microseconds, that open a session; 0 stands for a new day.
    operations
        (kind, column, two operands, scale) of every column or block of columns.
    attributes
        The aggregations that read the customers' attributes.
    interpreted
        Aggregations that the kernel does not know, with their first columns: NumPy computes them.
    columns
        How many columns there are so far.
    """

    journey: Journey
    windows: dict[int, int] = field(default_factory=lambda: {0: 0})
    dimensions: dict[str, dict[str, int]] = field(default_factory=lambda: {EVENT: dict(NOT_NAMED)})
    measures: dict[str, int] = field(default_factory=lambda: {VALUE: 0})
    counters: dict[tuple[Group, int], int] = field(default_factory=dict)
    clocks: dict[Group, int] = field(default_factory=dict)
    rhythms: dict[Group, int] = field(default_factory=dict)
    stacks: dict[tuple[Group, int], int] = field(default_factory=dict)
    varieties: dict[tuple[Group, int, str], int] = field(default_factory=dict)
    sessions: dict[int, int] = field(default_factory=dict)
    terms: list[int] = field(default_factory=list)
    tables: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    attributes: list["Attribute"] = field(default_factory=list)
    interpreted: list[tuple[int, "Aggregation"]] = field(default_factory=list)
    columns: int = 0

    def __post_init__(self) -> None:
        rules = [rule for stage in self.journey.stages for rule in stage.rules]
        self._mention(EVENT, tuple(event for rule in rules for event in rule.events))

    def add(self, kind: int, *operands: int, scale: float = 1.0, columns: int = 1) -> None:
        """Asks for an operation of the kernel, which fills the next columns."""
        one, two = (*operands, 0, 0)[:2]
        self.operations.append((kind, self.columns, one, two, scale))
        self.columns += columns

    def interpret(self, aggregation: "Aggregation") -> None:
        """Leaves an aggregation to its definition in NumPy."""
        self.interpreted.append((self.columns, aggregation))
        self.columns += len(aggregation.columns())

    def window(self, window: str) -> int:
        """Returns the number of a window."""
        return self._window(0 if window == LIFETIME else parse_duration(window))

    def counter(self, group: Group, window: str) -> int:
        """Returns the slot that counts the events of a group in a window, and adds up their measure if it has one."""
        return self._counter(group, self.window(window))

    def clock(self, group: Group) -> int:
        """Returns the clock of a group's last event."""
        self._mention_group(group)
        return self.clocks.setdefault(group, len(self.clocks))

    def rhythm(self, group: Group) -> int:
        """Returns the number under which the gaps of a group are kept."""
        self._mention_group(group)
        return self.rhythms.setdefault(group, len(self.rhythms))

    def stack(self, group: Group, keeps: int) -> int:
        """Returns the stack of a group's LARGEST or SMALLEST events, or of EVERY one."""
        self._mention_group(group)
        return self.stacks.setdefault((group, keeps), len(self.stacks))

    def variety(self, group: Group, window: str, of: str) -> int:
        """Returns the number under which the values of dimension ``of`` are counted in a window."""
        self._mention_group(group)
        return self.varieties.setdefault((group, self.window(window), of), len(self.varieties))

    @property
    def varied(self) -> list[str]:
        """The dimensions of which different values are counted."""
        return list(dict.fromkeys(of for _, _, of in self.varieties))

    def session(self, gap: int) -> int:
        """Returns the number under which sessions with this gap are counted; gap 0 stands for days."""
        return self.sessions.setdefault(gap, len(self.sessions))

    def slope(self, group: Group, bucket: int, buckets: int) -> int:
        """Returns where the slots of a group's windows of one bucket, two, and so on begin among the terms."""
        first = len(self.terms)
        self.terms += [self._counter(group, self._window(bucket * count)) for count in range(1, buckets + 1)]
        return first

    def table(self, dimension: str, names: tuple[str, ...]) -> int:
        """Returns the number of a table that calls each of a dimension's names by its place."""
        self._mention(dimension, names)
        self.tables.append((dimension, {name: place for place, name in enumerate(names)}))
        return len(self.tables) - 1

    def attribute(self, attribute: "Attribute") -> None:
        """Asks for a column of an attribute's numbers."""
        self.add(ATTRIBUTE, len(self.attributes))
        self.attributes.append(attribute)

    def dated(self, log: EventLog) -> list[tuple[int, "Attribute"]]:
        """Returns the attributes that have dates in a log, with their columns: the kernel does not know them."""
        known = () if log.dated is None else log.dated.columns
        asked = [(column, self.attributes[place]) for kind, column, place, *_ in self.operations if kind == ATTRIBUTE]
        return [(column, attribute) for column, attribute in asked if attribute.name in known]

    def row(self, group: Group) -> int:
        """Returns the number of a group's measure; -1 where it has none."""
        return -1 if group.measure is None else self.measures[group.measure]

    def rules_of(self, group: Group) -> tuple[Rule, ...]:
        """Returns the rules of the stage that a group stands for."""
        return next(stage.rules for stage in self.journey.stages if stage.name == group.value)

    def _window(self, width: int) -> int:
        return self.windows.setdefault(width, len(self.windows))

    def _counter(self, group: Group, window: int) -> int:
        self._mention_group(group)
        return self.counters.setdefault((group, window), len(self.counters))

    def _mention_group(self, group: Group) -> None:
        if group.measure is not None:
            self.measures.setdefault(group.measure, len(self.measures))
        if group.by == STAGE:
            self._mention(EVENT, tuple(event for rule in self.rules_of(group) for event in rule.events))
        elif group.excluding is not None:
            self._mention(group.by, group.excluding)
        elif group.by != ALL:
            self._mention(group.by, (group.value,))

    def _mention(self, dimension: str, names: tuple[str, ...]) -> None:
        places = self.dimensions.setdefault(dimension, dict(NOT_NAMED))
        for name in names:
            places.setdefault(name, len(places))

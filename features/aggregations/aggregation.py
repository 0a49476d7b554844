"""What every aggregation is: frozen data that names its columns and computes them from a History."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from features.aggregations.options import at_least_one, check_windows, freeze_options
from features.arrays import Floats
from features.errors import FeatureError, did_you_mean
from features.events import EVENT
from features.history import History
from features.journey import Journey
from features.plan import ALL, OTHER, STAGE, Group, Plan
from features.vocabulary import Counts, Vocabulary


@dataclass(frozen=True)
class Aggregation:
    """One measure over the history at a cutoff; yields a block of columns."""

    def __post_init__(self) -> None:
        freeze_options(self)
        if hasattr(self, "windows"):
            check_windows(type(self).__name__, self.windows)

    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        """Returns the aggregation with everything it left open taken from the log and journey, and checks the rest."""
        del vocabulary, journey
        return self

    def columns(self) -> tuple[str, ...]:
        """Returns the names of the columns, ``<what>_<measure>_<window>``."""
        raise NotImplementedError

    def compute(self, history: History) -> list[Floats]:
        """Returns a column of shape (rows,) for each name: the definition, to which the kernel is held."""
        raise NotImplementedError

    def compile(self, plan: Plan) -> None:
        """Asks the kernel for the columns; an aggregation that the kernel does not know is left to ``compute``."""
        plan.interpret(self)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``aggregation_from_dict`` makes an equal aggregation."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"aggregation": type(self).__name__} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
        }


@dataclass(frozen=True)
class GroupedAggregation(Aggregation):
    """An aggregation repeated for each value of a dimension.

    Parameters
    ----------
    by
        ``event``, ``channel``, ``stage``, ``all``, or a declared dimension of the log.
    values
        The values to look at; None means every one that the log, or the journey for ``stage``, has.
    top
        When given, events with none of the values count together as ``other``, those with a value that was not there
        at binding included; and without ``values`` only so many of the most frequent ones are taken.
    """

    by: str = EVENT
    values: tuple[str, ...] | None = None
    top: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self, "top")
        if self.top is not None and self.by in (ALL, STAGE):
            raise FeatureError(f"{type(self).__name__}: 'top' needs a dimension, not by '{self.by}'; remove it")

    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        """Fills in open values.

        Raises
        ------
        FeatureError
            If the dimension, one of the values or the measure is not in the log.
        """
        known = _known_values(self.by, vocabulary, journey)
        for value in self.values or ():
            if value not in known:
                raise FeatureError(
                    f"{type(self).__name__}: {self.by} '{value}' is unknown; {did_you_mean(value, known)}"
                )
        measure = getattr(self, "measure", None)
        if measure is not None and measure not in vocabulary.measures:
            hint = did_you_mean(measure, vocabulary.measures)
            raise FeatureError(f"{type(self).__name__}: measure '{measure}' is not in the log; {hint}")
        if self.values is not None:
            return self
        frequent = known if self.top is None else most_frequent(vocabulary.dimensions[self.by], self.top)
        return replace(self, values=frequent)

    def groups(self) -> tuple[Group, ...]:
        """Returns the group of events behind each value."""
        if self.values is None:
            raise FeatureError(f"{type(self).__name__} by {self.by} has no values yet; bind it to a log first")
        measure = getattr(self, "measure", None)
        named = tuple(Group(self.by, value, measure) for value in self.values)
        return named if self.top is None else (*named, Group(self.by, OTHER, measure, excluding=self.values))


def _known_values(by: str, vocabulary: Vocabulary, journey: Journey) -> tuple[str, ...]:
    if by == ALL:
        return ("",)
    if by == STAGE:
        return journey.stage_names[1:]
    return tuple(names_in(vocabulary, by, STAGE, ALL))


def names_in(vocabulary: Vocabulary, name: str, *others: str) -> Counts:
    """Returns the names in a dimension and their counts; ``others`` are dimensions that would have done as well.

    Raises
    ------
    FeatureError
        If the log has no such dimension.
    """
    if name not in vocabulary.dimensions:
        hint = did_you_mean(name, [*vocabulary.dimensions, *others])
        raise FeatureError(f"dimension '{name}' is not in the log; {hint}")
    return vocabulary.dimensions[name]


def most_frequent(counts: Counts, most: int) -> tuple[str, ...]:
    """Returns the names that stand in most rows, the most frequent first, those of equal frequency as they come.

    A name that is itself ``other`` is left to the rest, with which it would share a column's name.

    Examples
    --------
    >>> most_frequent({"a": 1, "b": 1, "c": 2}, 2)
    ('c', 'a')
    """
    ordered = sorted(counts, key=lambda name: -counts[name])
    return tuple(name for name in ordered if name != OTHER)[:most]


def group_name(group: Group) -> str:
    """Returns what a column calls a group: the event's name, or dimension and value.

    Examples
    --------
    >>> group_name(Group("event", "Product Viewed")), group_name(Group("channel", "e-mail")), group_name(Group("all"))
    ('product_viewed', 'channel_e_mail', 'events')
    """
    if group.by == ALL:
        return "events"
    return slug(group.value if group.by == EVENT else f"{group.by} {group.value}")


def slug(text: str) -> str:
    """Returns a text as a part of a column name: letters and digits of any alphabet, joined by underscores.

    Examples
    --------
    >>> slug("Size [people]")
    'size_people'
    """
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_") or "unnamed"

"""What every aggregation is: frozen data that names its columns and computes them from a History."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from features.arrays import Floats
from features.durations import LIFETIME, parse_duration
from features.errors import FeatureError, did_you_mean
from features.events import EVENT, EventLog
from features.history import History
from features.journey import Journey
from features.plan import ALL, STAGE, Group, Plan


@dataclass(frozen=True)
class Aggregation:
    """One measure over the history at a cutoff; yields a block of columns."""

    def __post_init__(self) -> None:
        for window in getattr(self, "windows", ()):
            if window != LIFETIME:
                parse_duration(window)

    def bind(self, log: EventLog, journey: Journey) -> Self:
        """Returns the aggregation with everything it left open taken from the log and journey, and checks the rest."""
        del log, journey
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
    """

    by: str = EVENT
    values: tuple[str, ...] | None = None

    def bind(self, log: EventLog, journey: Journey) -> Self:
        """Fills in open values.

        Raises
        ------
        FeatureError
            If the dimension, one of the values or the measure is not in the log.
        """
        known = _known_values(self.by, log, journey)
        for value in self.values or ():
            if value not in known:
                raise FeatureError(
                    f"{type(self).__name__}: {self.by} '{value}' is unknown; {did_you_mean(value, known)}"
                )
        measure = getattr(self, "measure", None)
        if measure is not None and measure not in log.measures:
            hint = did_you_mean(measure, log.measures)
            raise FeatureError(f"{type(self).__name__}: measure '{measure}' is not in the log; {hint}")
        return self if self.values is not None else replace(self, values=known)

    def groups(self) -> tuple[Group, ...]:
        """Returns the group of events behind each value."""
        if self.values is None:
            raise FeatureError(f"{type(self).__name__} by {self.by} has no values yet; bind it to a log first")
        return tuple(Group(self.by, value, getattr(self, "measure", None)) for value in self.values)


def _known_values(by: str, log: EventLog, journey: Journey) -> tuple[str, ...]:
    if by == ALL:
        return ("",)
    if by == STAGE:
        return journey.stage_names[1:]
    if by not in log.dimensions:
        hint = did_you_mean(by, [*log.dimensions, STAGE, ALL])
        raise FeatureError(f"dimension '{by}' is not in the log; {hint}")
    return log.dimensions[by].names


def group_name(group: Group) -> str:
    """Returns what a column calls a group: the event's name, or dimension and value.

    Examples
    --------
    >>> group_name(Group("event", "Product Viewed")), group_name(Group("channel", "e-mail")), group_name(Group("all"))
    ('product_viewed', 'channel_e_mail', 'events')
    """
    if group.by == ALL:
        return "events"
    text = group.value if group.by == EVENT else f"{group.by} {group.value}"
    return re.sub(r"[\W_]+", "_", text.lower()).strip("_") or "unnamed"

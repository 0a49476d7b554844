"""What is known about the customer besides events."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation
from features.arrays import Floats
from features.errors import FeatureError, did_you_mean
from features.events import Dimension, EventLog
from features.history import History
from features.journey import Journey
from features.plan import Plan


@dataclass(frozen=True)
class Attribute(Aggregation):
    """A customer attribute: a number as it is, a text as its place in ``values``; NaN where missing or not listed.

    Parameters
    ----------
    name
        A column of the attribute table.
    values
        The texts in the order of their codes; None takes them from the log, in sorted order.
    """

    name: str = ""
    values: tuple[str, ...] | None = None

    @override
    def bind(self, log: EventLog, journey: Journey) -> Self:
        del journey
        if self.name not in log.attributes:
            hint = did_you_mean(self.name, log.attributes)
            raise FeatureError(f"Attribute: '{self.name}' is not an attribute of the log; {hint}")
        column = log.attributes[self.name]
        if self.values is not None or not isinstance(column, Dimension):
            return self
        return replace(self, values=column.names)

    @override
    def columns(self) -> tuple[str, ...]:
        return (f"attribute_{self.name}",)

    @override
    def compile(self, plan: Plan) -> None:
        plan.add_attribute(self)

    @override
    def compute(self, history: History) -> list[Floats]:
        return [self.numbers(history.log)[history.snapshots.customer]]

    def numbers(self, log: EventLog) -> Floats:
        """Returns the number of every customer of a log, shape (customers,)."""
        column = log.attributes.get(self.name)
        if column is None:
            return np.full(log.n_customers, np.nan)
        if not isinstance(column, Dimension):
            return column
        place = {value: float(code) for code, value in enumerate(self.values or ())}
        codes = np.array([*(place.get(name, np.nan) for name in column.names), np.nan])  # code -1 finds the last one
        numbers: Floats = codes[column.codes]
        return numbers

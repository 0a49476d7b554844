"""What is known about the customer besides events."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from typing_extensions import override

from features.aggregations.aggregation import Aggregation, slug
from features.arrays import Floats
from features.errors import FeatureError, did_you_mean
from features.events import Dimension, EventLog
from features.history import History
from features.journey import Journey
from features.plan import Plan
from features.segments import Selection, positions_at
from features.vocabulary import Vocabulary


@dataclass(frozen=True)
class Attribute(Aggregation):
    """A customer attribute: a number as it is, a text as its place in ``values``; NaN where missing or not listed.

    Of an attribute with a ``valid_from``, what the last row at or before the cutoff says; NaN before the first row.

    Parameters
    ----------
    name
        A column of the attribute table.
    values
        The texts in the order of their codes; None takes them from the log, in sorted order.

    Examples
    --------
    >>> Attribute(name="income", values=("low", "high")).columns()
    ('attribute_income',)
    """

    name: str = ""
    values: tuple[str, ...] | None = None

    @override
    def bind(self, vocabulary: Vocabulary, journey: Journey) -> Self:
        del journey
        known = vocabulary.attributes
        if self.name not in known:
            hint = did_you_mean(self.name, known)
            raise FeatureError(f"Attribute: '{self.name}' is not an attribute of the log; {hint}")
        texts = known[self.name]
        return self if self.values is not None or texts is None else replace(self, values=texts)

    @override
    def columns(self) -> tuple[str, ...]:
        return (f"attribute_{slug(self.name)}",)

    @override
    def compile(self, plan: Plan) -> None:
        plan.attribute(self)

    @override
    def compute(self, history: History) -> list[Floats]:
        dated, snapshots = history.log.dated, history.snapshots
        if dated is None or self.name not in dated.columns:
            return [self.numbers(history.log)[snapshots.customer]]
        rows = Selection(dated.indptr, dated.valid_from, np.arange(len(dated.valid_from)))
        row = positions_at(rows, snapshots.customer, snapshots.cutoff) - 1
        holds = row >= dated.indptr[snapshots.customer]
        return [np.append(self.as_numbers(dated.columns[self.name]), np.nan)[np.where(holds, row, -1)]]

    def numbers(self, log: EventLog) -> Floats:
        """Returns the number that each customer of a log has at any time, shape (customers,)."""
        column = log.attributes.get(self.name)
        return np.full(log.n_customers, np.nan) if column is None else self.as_numbers(column)

    def as_numbers(self, column: Floats | Dimension) -> Floats:
        """Returns a column of a log's attributes as the numbers that the feature is made of."""
        if not isinstance(column, Dimension):
            return column
        place = {value: float(code) for code, value in enumerate(self.values or ())}
        codes = np.array([*(place.get(name, np.nan) for name in column.names), np.nan])  # code -1 finds the last one
        numbers: Floats = codes[column.codes]
        return numbers

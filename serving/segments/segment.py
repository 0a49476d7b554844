"""A named rule over stages, scores, attributes and recency; the customers for whom it holds are an audience."""

import re
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from features.documents import Document, parse_document, read_document
from serving.segments.errors import SegmentError
from serving.segments.parser import parse
from serving.segments.syntax import Expression

NAME = re.compile(r"\w[\w .-]*")
LONGEST_NAME = 100
MOST_MONEY = 1e12
Within = Literal["all", "stage"]


@dataclass(frozen=True)
class Segment:
    """Who is chosen, in what order, and how many of them.

    The limits narrow one after the other: ``where``, ``at_least``, what is worth its cost, ``top_percent``, ``top``,
    ``budget``.

    Parameters
    ----------
    name
        Also the name of its file.
    where
        An expression, kept as its canonical text; empty takes everybody.
    order_by
        The column of numbers by which customers are ranked, the highest first; who has none never belongs.
    lowest_first
        Ranks the other way round.
    at_least
        The lowest ``order_by`` that still belongs, or with ``lowest_first`` the highest.
    top_percent
        The best so many of a hundred of those whom the rest of the rule takes, rounded up.
    top
        The best so many.
    cost, value
        What it costs to approach one customer, and what a purchase or a retained customer is worth; they come together,
        and ``order_by`` is then the probability of it. Only who is worth more than the cost belongs.
    budget
        What may be spent at most.
    within
        ``stage`` ranks the customers of each stage for themselves: ``top`` and ``top_percent`` are of each stage.

    Raises
    ------
    SegmentError
        If the parts contradict each other.
    ExpressionError
        If ``where`` cannot be read.

    Examples
    --------
    >>> Segment("win-back", "stage=='loyal' AND churn_28d >= .4", "churn_28d", top=500).where
    "stage == 'loyal' and churn_28d >= 0.4"
    """

    name: str
    where: str = ""
    order_by: str = "purchase_prob"
    lowest_first: bool = False
    at_least: float | None = None
    top_percent: float | None = None
    top: int | None = None
    cost: float | None = None
    value: float | None = None
    budget: float | None = None
    within: Within = "all"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise SegmentError(
                f"segment {self.name!r:.120} is no file name; use up to {LONGEST_NAME} letters, digits, '-', '_', '.' "
                "and spaces, and begin with a letter or digit"
            )
        for wrong, sentence in self._contradictions():
            if wrong:
                raise SegmentError(f"segment '{self.name}': {sentence}")
        object.__setattr__(self, "where", "" if self.expression is None else str(self.expression))

    def _contradictions(self) -> list[tuple[bool, str]]:
        percent, top, limit = self.top_percent, self.top, self.budget
        money = f"give a number above 0, up to {MOST_MONEY:,.0f}"
        return [
            (percent is not None and not 0 < percent <= 100, f"top_percent is {percent}; give more than 0, up to 100"),
            (top is not None and top < 1, f"top is {top}; give a whole number from 1 or leave it out"),
            ((self.cost is None) != (self.value is None), "cost and value come together; give both or none"),
            (
                self.cost is not None and not 0 <= self.cost <= MOST_MONEY,
                f"cost is {self.cost}; give 0 to {MOST_MONEY:,.0f}",
            ),
            (self.value is not None and not 0 < self.value <= MOST_MONEY, f"value is {self.value}; {money}"),
            (limit is not None and self.cost is None, "a budget needs cost and value; give what one customer costs"),
            (limit is not None and not 0 < limit <= MOST_MONEY, f"budget is {limit}; {money}"),
            (self.cost is not None and self.lowest_first, "with cost and value the most probable come first"),
            (self.at_least is not None and self.at_least != self.at_least, "at_least is no number"),
            (self.within not in ("all", "stage"), f"within is '{self.within}'; give 'all' or 'stage'"),
        ]

    @cached_property
    def expression(self) -> Expression | None:
        """What ``where`` says; None for everybody."""
        return parse(self.where) if self.where.strip() else None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data; what is not said is left out."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: said[name] for name in said if name == "name" or said[name] != _DEFAULTS[name]}

    @classmethod
    def from_dict(cls, data: Any, name: str | None = None, source: str = "the segment") -> "Segment":
        """Returns the segment of plain data, as ``to_dict`` wrote it.

        Parameters
        ----------
        name
            Of a segment that does not say its own.
        source
            Where the data came from, for an error.

        Raises
        ------
        SegmentError
            If a key is unknown, or a value is of the wrong kind.
        """
        document = parse_document(data, SegmentDocument, SegmentError, source)
        return cls(**{**document.model_dump(), "name": document.name or name or ""})

    @classmethod
    def load(cls, path: Path) -> "Segment":
        """Returns the segment of a YAML or JSON file, which is called like its file if it does not say its name."""
        document = read_document(path, SegmentDocument, SegmentError)
        return cls(**{**document.model_dump(), "name": document.name or path.stem})


class SegmentDocument(Document, strict=True):
    """A segment as YAML or JSON says it."""

    name: str | None = None
    where: str = ""
    order_by: str = "purchase_prob"
    lowest_first: bool = False
    at_least: float | None = Field(default=None, allow_inf_nan=False)
    top_percent: float | None = Field(default=None, gt=0, le=100)
    top: int | None = Field(default=None, ge=1)
    cost: float | None = Field(default=None, ge=0, le=MOST_MONEY)
    value: float | None = Field(default=None, gt=0, le=MOST_MONEY)
    budget: float | None = Field(default=None, gt=0, le=MOST_MONEY)
    within: Within = "all"


_DEFAULTS = {each.name: each.default for each in fields(Segment)}

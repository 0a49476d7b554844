"""How a value of one column of features is said in plain words: templates, and how they are filled."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import Formatter
from typing import Any

from features.arrays import Floats, Singles
from features.errors import LanguageError
from features.languages.messages import NOMINATIVE, Said
from features.phrases import Phrases

Say = Callable[[float], str]
PLACES = ("number", "times", "change", "kinds")
"""How a value is said in a place of a template: a method of ``Phrases``; so is ``{days}``, which has cases."""


@dataclass(frozen=True)
class Template:
    """A text of which nothing but the value is open: a customer waits for it to be filled."""

    pieces: tuple[str | Say, ...]

    @classmethod
    def of(cls, text: str, own: Phrases, given: Mapping[str, Any], names: Sequence[str] = ()) -> "Template":
        """Returns a message as a template, everything filled that is known before the value is.

        Parameters
        ----------
        given
            What is known, by its place.
        names
            What each value stands for at ``{name}``, if values are codes.

        Raises
        ------
        LanguageError
            If nothing fills a place of the text.
        """
        pieces: list[str | Say] = []
        for literal, place, how, _ in Formatter().parse(text):
            pieces.append(literal)
            if place is None:
                continue
            if place in given:
                pieces.append(format(Said(given[place], own.messages), how or ""))
            elif place == "name":
                pieces.append(partial(_named, tuple(names), own.messages.text("things.another")))
            elif place == "days":
                pieces.append(partial(own.days, case=how or NOMINATIVE))
            elif place in PLACES:
                pieces.append(getattr(own, place))
            else:
                raise LanguageError(f"nothing fills '{place}' in '{text}'; use {', '.join((*PLACES, 'name', *given))}")
        return cls(tuple(piece for piece in pieces if piece != ""))

    def say(self, value: float) -> str:
        """Returns the text with a value in it."""
        return "".join([piece if isinstance(piece, str) else piece(value) for piece in self.pieces])


@dataclass(frozen=True)
class Wording:
    """Templates for one column.

    Parameters
    ----------
    some
        Says a value; ``zero`` says 0 where it is given, and ``missing`` says NaN.
    beside, aside
        A column and what its value adds where it is known and the own value is not 0, such as what is usual.
    """

    some: Template
    zero: Template | None
    missing: Template
    beside: int | None = None
    aside: Template = Template(())

    def say(self, row: Floats | Singles, column: int) -> str:
        """Returns the sentence for a column of one row of features, shape (columns,)."""
        value = float(row[column])
        said = self.say_alone(value)
        if self.beside is None or value == 0 or math.isnan(value) or math.isnan(row[self.beside]):
            return said
        return said + self.aside.say(float(row[self.beside]))

    def say_alone(self, value: float) -> str:
        """Returns the sentence for a value without what is usual."""
        if math.isnan(value):
            return self.missing.say(value)
        return (self.zero if value == 0 and self.zero is not None else self.some).say(value)


def _named(names: tuple[str, ...], another: str, value: float) -> str:
    code = int(value) if math.isfinite(value) else -1
    return names[code] if 0 <= code < len(names) else another

"""How a value of one column of features is said in plain English: templates, and how they are filled."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.arrays import Floats, Singles
from features.phrases import days, number, times


@dataclass(frozen=True)
class Wording:
    """Templates for one column; they may hold {number}, {times}, {days}, {name}, {change} and {kinds}.

    Parameters
    ----------
    some
        Says a value; ``zero`` says 0 where it is given, and ``missing`` says NaN.
    names
        What each value stands for, if values are codes: {name}.
    beside, aside
        A column and what its value adds where it is known and the own value is not 0, such as what is usual.
    """

    some: str
    zero: str | None = None
    missing: str = "not known"
    names: tuple[str, ...] = ()
    beside: int | None = None
    aside: str = ""

    def say(self, row: Floats | Singles, column: int) -> str:
        """Returns the sentence for a column of one row of features, shape (columns,)."""
        value = float(row[column])
        if math.isnan(value):
            return self.missing
        said = _filled(self.zero if value == 0 and self.zero is not None else self.some, value, self.names)
        if self.beside is None or value == 0 or math.isnan(row[self.beside]):
            return said
        return said + _filled(self.aside, float(row[self.beside]), ())


def _filled(template: str, value: float, names: Sequence[str]) -> str:
    """Works out only what the template holds: a customer waits for it."""
    parts = {place[1:-1]: said(value) for place, said in PLACES.items() if place in template}
    if names:
        code = int(value) if math.isfinite(value) else -1
        parts["name"] = names[code] if 0 <= code < len(names) else "another"
    return template.format(**parts)


def _change(value: float) -> str:
    return f"{number(abs(value))} {'more' if value > 0 else 'fewer'}"


def _kinds(entropy: float) -> str:
    return number(math.exp(min(entropy, 50.0)))


PLACES = {"{number}": number, "{times}": times, "{days}": days, "{change}": _change, "{kinds}": _kinds}
"""How a value is said in each place of a template; {name} besides."""

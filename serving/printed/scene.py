"""A picture as a list of shapes, so that one drawing becomes SVG and PNG alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

INK, MUTED, LINE, PAPER, ACCENT = "#1a2029", "#566070", "#dfe3ea", "#ffffff", "#3546b0"
BLACK = "#0d1117"
STAGES = ("#8b939e", "#cdb84f", "#6cb4e0", "#3f9f90", "#3c3a96", "#aa4499", "#cc6677", "#117733", "#882255", "#999933")
"""The colours of the stages, lapsed first: Paul Tol's muted scheme, which colour-blind people can tell apart."""
DARK = (4, 5, 7, 8)
"""Stages on whose colour white text is read best."""
WIDTH_OF_A_LETTER = 0.56
"""Of the letter's height, on average: a little more than the usual fonts need."""

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Ribbon:
    """A band that flows from the left, between two heights, to the right, between two others."""

    left: float
    right: float
    start: tuple[float, float]
    end: tuple[float, float]
    fill: str
    opacity: float = 0.5


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Label:
    """One line of text; y is its baseline."""

    x: float
    y: float
    text: str
    size: float = 13.0
    anchor: Anchor = "start"
    bold: bool = False
    colour: str = INK


Shape = Area | Ribbon | Stroke | Label


@dataclass
class Scene:
    """Shapes on paper, the later above the earlier; x grows to the right and y downwards, in pixels.

    Parameters
    ----------
    title
        What the picture shows, for who cannot see it.
    """

    width: float
    height: float
    title: str
    shapes: list[Shape] = field(default_factory=list)

    def rectangle(self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0) -> None:
        """Adds a filled rectangle."""
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        self.shapes.append(Area(corners, fill, opacity))

    def line(self, points: Sequence[Point], colour: str, width: float = 1.0, dashed: bool = False) -> None:
        """Adds a line."""
        self.shapes.append(Stroke(tuple(points), colour, width, dashed))

    def add(self, *shapes: Shape) -> None:
        """Adds shapes."""
        self.shapes.extend(shapes)


def stage_colour(code: int) -> str:
    """Returns the colour of a stage by its place; those beyond the scheme share its last one."""
    return STAGES[min(code, len(STAGES) - 1)]


def on_stage(code: int) -> str:
    """Returns the colour of text on a stage's colour."""
    return PAPER if min(code, len(STAGES) - 1) in DARK else BLACK


def shortened(text: str, width: float, size: float = 13.0) -> str:
    """Returns a text that fits into a width, its end cut off if need be.

    Examples
    --------
    >>> shortened("Order Completed", 120), shortened("Order Completed", 60)
    ('Order Completed', 'Order C…')
    """
    letters = max(1, int(width / (size * WIDTH_OF_A_LETTER)))
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def wrapped(text: str, width: float, size: float = 13.0, lines: int = 2) -> list[str]:
    """Returns a text in lines that fit into a width; the last one is shortened if they are too many.

    Examples
    --------
    >>> wrapped("Buys several times a week", 100)
    ['Buys several', 'times a week']
    """
    found, rest = [""], text.split()
    while rest:
        longer = f"{found[-1]} {rest[0]}".strip()
        if found[-1] and shortened(longer, width, size) != longer and len(found) < lines:
            found.append(rest.pop(0))
        else:
            found[-1], rest = longer, rest[1:]
    return [shortened(line, width, size) for line in found]

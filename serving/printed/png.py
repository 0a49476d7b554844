"""A picture as PNG, for tools that take no SVG."""

import io
import warnings
from typing import Any

from serving.printed.scene import PAPER, Area, Label, Ribbon, Scene, Shape, Stroke
from serving.printed.svg import writable

DOTS = 200  # per inch, where an inch is 96 pixels of the scene: about twice as fine as a screen
INCH = 96.0
POINTS = 72.0
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def to_png(scene: Scene) -> bytes:
    """Returns the picture as the bytes of a PNG file."""
    from matplotlib.figure import Figure  # loads for a second, and most commands draw nothing

    figure = Figure(figsize=(scene.width / INCH, scene.height / INCH), dpi=DOTS, facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, scene.width), ylim=(scene.height, 0))
    axes.axis("off")
    for shape in scene.shapes:
        _draw(axes, shape)
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # an emoji in a name becomes a box
        figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _draw(axes: Any, shape: Shape) -> None:
    from matplotlib.patches import PathPatch, Polygon

    if isinstance(shape, Area):
        axes.add_patch(Polygon(shape.points, closed=True, facecolor=shape.fill, alpha=shape.opacity, linewidth=0))
    elif isinstance(shape, Ribbon):
        axes.add_patch(PathPatch(_band(shape), facecolor=shape.fill, alpha=shape.opacity, linewidth=0))
    elif isinstance(shape, Stroke):
        xs, ys = zip(*shape.points, strict=True)
        style = "--" if shape.dashed else "-"
        axes.plot(xs, ys, style, color=shape.colour, linewidth=shape.width * POINTS / INCH, solid_joinstyle="round")
    else:
        _write(axes, shape)


def _write(axes: Any, label: Label) -> None:
    axes.text(
        label.x,
        label.y,
        writable(label.text),
        fontsize=label.size * POINTS / INCH * 0.94,  # its font is wider than those of browsers
        ha=ANCHORS[label.anchor],
        va="baseline",
        color=label.colour,
        fontweight="bold" if label.bold else "normal",
        parse_math=False,  # a dollar sign in a name is a dollar sign
    )


def _band(ribbon: Ribbon) -> Any:
    from matplotlib.path import Path

    middle = (ribbon.left + ribbon.right) / 2
    (top, bottom), (high, low) = ribbon.start, ribbon.end
    there = [(ribbon.left, top), (middle, top), (middle, high), (ribbon.right, high)]
    back = [(ribbon.right, low), (middle, low), (middle, bottom), (ribbon.left, bottom), (ribbon.left, top)]
    curve = [Path.CURVE4] * 3
    return Path([*there, *back], [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])

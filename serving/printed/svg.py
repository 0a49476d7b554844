"""A picture as SVG that fetches and runs nothing: every text is escaped by the writer of XML."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from serving.printed.scene import PAPER, Area, Label, Point, Ribbon, Scene, Shape, Stroke

FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2)."""


def to_svg(scene: Scene) -> str:
    """Returns the picture as one SVG element; it scales with the space that it is given."""
    size = {"width": _number(scene.width), "height": _number(scene.height)}
    view = f"0 0 {size['width']} {size['height']}"
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": view, **size, "role": "img"})
    root.set("font-family", FONT)
    SubElement(root, "title").text = writable(scene.title)
    SubElement(root, "rect", {**size, "fill": PAPER})
    for shape in scene.shapes:
        _draw(root, shape)
    return tostring(root, encoding="unicode")


def writable(text: str) -> str:
    """Returns a text without the characters that no XML can hold."""
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _draw(root: Element, shape: Shape) -> None:
    if isinstance(shape, Area):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
        SubElement(root, "polygon", {"points": points, "fill": shape.fill, "fill-opacity": _number(shape.opacity)})
    elif isinstance(shape, Ribbon):
        SubElement(root, "path", {"d": _band(shape), "fill": shape.fill, "fill-opacity": _number(shape.opacity)})
    elif isinstance(shape, Stroke):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
        line = {"points": points, "fill": "none", "stroke": shape.colour, "stroke-width": _number(shape.width)}
        dashes = {"stroke-dasharray": "4 4"} if shape.dashed else {}
        SubElement(root, "polyline", {**line, "stroke-linejoin": "round", **dashes})
    else:
        SubElement(root, "text", _type(shape)).text = writable(shape.text)


def _type(label: Label) -> dict[str, str]:
    place = {"x": _number(label.x), "y": _number(label.y), "font-size": _number(label.size), "fill": label.colour}
    return {**place, "text-anchor": label.anchor, **({"font-weight": "600"} if label.bold else {})}


def _band(ribbon: Ribbon) -> str:
    middle = (ribbon.left + ribbon.right) / 2
    (top, bottom), (high, low) = ribbon.start, ribbon.end
    there = _curve((ribbon.left, top), middle, (ribbon.right, high))
    back = _curve((ribbon.right, low), middle, (ribbon.left, bottom))
    return f"M{there}L{back}Z"


def _curve(start: Point, middle: float, end: Point) -> str:
    """Returns a path that leaves one point and enters another level."""
    points = [*start, middle, start[1], middle, end[1], *end]
    x, y, *rest = (_number(value) for value in points)
    return f"{x} {y}C{' '.join(rest)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

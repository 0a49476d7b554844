"""Moves between stages as a picture: bands from the stages on the left to those on the right."""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.printed.reader import Reader
from serving.printed.scene import MUTED, Label, Ribbon, Scene, shortened, stage_colour

NODE, GAP, NAMES, MARGIN, HEAD = 14.0, 12.0, 268.0, 24.0, 64.0
ALL_BANDS = 380.0
"""The height of all customers who move, in pixels."""


def draw_sankey(flows: Sequence[Mapping[str, Any]], title: str, reader: Reader, decimals: int = 0) -> Scene:
    """Returns the picture of some flows.

    Parameters
    ----------
    flows
        Source (None for new customers), target and how many customers.
    """
    scene = Scene(1012, HEAD + ALL_BANDS + MARGIN, title)
    scene.add(Label(MARGIN, 36, title, 18, bold=True))
    total = sum(flow["customers"] for flow in flows)
    if not total:
        scene.add(Label(MARGIN, HEAD + 20, reader.text("page.none"), colour=MUTED))
        return scene
    order: list[str | None] = [*reader.journey.stage_names, None]
    scale = ALL_BANDS / total
    starts, ends = _column(flows, "source", order, scale), _column(flows, "target", order, scale)
    left, right = MARGIN + NAMES, scene.width - MARGIN - NAMES
    _bands(scene, _sorted(flows, order), (dict(starts), dict(ends)), scale, (left + NODE, right - NODE), reader)
    for side, column in (("source", starts), ("target", ends)):
        for name, y in column.items():
            count = sum(flow["customers"] for flow in flows if flow[side] == name)
            x = left if side == "source" else right - NODE
            scene.rectangle(x, y, NODE, count * scale, _colour(name, reader))
            _name(scene, side, (x, y + count * scale / 2), reader.label(name), reader.number(count, decimals))
    lowest = max(
        column[name] + scale * sum(flow["customers"] for flow in flows if flow[side] == name)
        for side, column in (("source", starts), ("target", ends))
        for name in column
    )
    scene.height = lowest + MARGIN + 8
    return scene


def _bands(
    scene: Scene,
    flows: Sequence[Mapping[str, Any]],
    free: tuple[dict[str | None, float], dict[str | None, float]],
    scale: float,
    between: tuple[float, float],
    reader: Reader,
) -> None:
    """Draws a band for each flow, each below the one before it on both sides."""
    leaving, arriving = free
    for flow in flows:
        thick, source, target = flow["customers"] * scale, flow["source"], flow["target"]
        start, end = (leaving[source], leaving[source] + thick), (arriving[target], arriving[target] + thick)
        scene.add(Ribbon(*between, start, end, _colour(source, reader), 0.45))
        leaving[source], arriving[target] = start[1], end[1]


def _column(
    flows: Sequence[Mapping[str, Any]], side: str, order: Sequence[str | None], scale: float
) -> dict[str | None, float]:
    """Returns where each stage of a side begins; small ones keep enough room for their names."""
    y, found = HEAD, {}
    for name in order:
        count = sum(flow["customers"] for flow in flows if flow[side] == name)
        if count:
            found[name] = y
            y += max(count * scale + GAP, 20.0)
    return found


def _sorted(flows: Sequence[Mapping[str, Any]], order: Sequence[str | None]) -> list[Mapping[str, Any]]:
    place = {name: number for number, name in enumerate(order)}
    return sorted(flows, key=lambda flow: (place.get(flow["source"], 0), place.get(flow["target"], 0)))


def _name(scene: Scene, side: str, middle: tuple[float, float], label: str, count: str) -> None:
    x, y = middle
    text = f"{shortened(label, NAMES - 60, 12)}  {count}"
    if side == "source":
        scene.add(Label(x - 8, y + 4, text, 12, "end"))
    else:
        scene.add(Label(x + NODE + 8, y + 4, text, 12))


def _colour(name: str | None, reader: Reader) -> str:
    return MUTED if name is None else stage_colour(reader.code(name))

"""A figure over time, and what was promised beside what came, as pictures."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from serving.printed.reader import Reader
from serving.printed.scene import ACCENT, INK, LINE, MUTED, Anchor, Label, Point, Scene

WIDTH, HEIGHT = 420.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 56.0, 34.0
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def draw_line(
    times: Sequence[str], values: Sequence[float | None], said: tuple[str, str], reader: Reader, is_share: bool = False
) -> Scene:
    """Returns the picture of a figure over time; where it is not known the line has a gap.

    Parameters
    ----------
    times
        ISO 8601, ascending.
    said
        What the figure is, and its unit.
    is_share
        Whether values are written as percentages.
    """
    scene = _frame(said)
    known = [value for value in values if value is not None]
    if not known:
        scene.add(Label(LEFT, TOP + 24, reader.text("page.none"), colour=MUTED))
        return scene
    low, high = min(0.0, *known), max(*known, 1e-9)
    ticks = scale_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def place(number: int, value: float) -> Point:
        along = number / max(1, len(values) - 1)
        return LEFT + along * (WIDTH - LEFT - RIGHT), _height((value - low) / (high - low))

    for tick in ticks:
        text = reader.percent(tick, 1) if is_share else reader.number(tick, 2)
        _tick(scene, _height((tick - low) / (high - low)), text)
    ends: tuple[tuple[int, Anchor], ...] = ((0, "start"), (len(times) - 1, "end"))
    for number, anchor in ends:
        scene.add(Label(place(number, low)[0], HEIGHT - 10, reader.date(times[number]), 11, anchor, colour=MUTED))
    for run in _runs(values):
        points = [place(number, value) for number, value in run]
        scene.line(points if len(points) > 1 else [points[0], (points[0][0] + 2, points[0][1])], ACCENT, 2)
    return scene


def draw_calibration(rows: Sequence[Mapping[str, Any]], title: str, reader: Reader) -> Scene:
    """Returns the picture of tenths: what was promised along, what came up, with 95 % intervals."""
    scene = _frame((title, reader.text("model.happened")))
    points = [
        (row["expected"] / row["rows"], row["actual_share"], row["low"], row["high"]) for row in rows if row["rows"]
    ]
    ticks = scale_ticks(0.0, max([0.01, *(max(promised, high) for promised, _, _, high in points)]))
    most = ticks[-1]

    def place(promised: float, share: float) -> Point:
        return LEFT + promised / most * (WIDTH - LEFT - RIGHT), _height(share / most)

    for tick in ticks:
        _tick(scene, _height(tick / most), reader.percent(tick, 1))
    scene.line((place(0, 0), place(most, most)), MUTED, 1, dashed=True)
    for promised, share, low, high in points:
        scene.line((place(promised, low), place(promised, high)), ACCENT, 1)
        x, y = place(promised, share)
        scene.rectangle(x - 3, y - 3, 6, 6, ACCENT)
    scene.add(Label(LEFT, HEIGHT - 10, reader.percent(0.0), 11, colour=MUTED))
    scene.add(Label((LEFT + WIDTH) / 2, HEIGHT - 10, reader.text("model.promised"), 11, "middle", colour=MUTED))
    scene.add(Label(WIDTH - RIGHT, HEIGHT - 10, reader.percent(most, 1), 11, "end", colour=MUTED))
    return scene


def scale_ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Returns round numbers that span two others.

    Examples
    --------
    >>> scale_ticks(0, 1730), scale_ticks(0, 0.083), scale_ticks(-40, 60)
    ([0.0, 500.0, 1000.0, 1500.0, 2000.0], [0.0, 0.025, 0.05, 0.075, 0.1], [-50.0, -25.0, 0.0, 25.0, 50.0, 75.0])
    """
    rough = max(high - low, 1e-9) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in STEPS if power * each >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * number, 12) for number in range(first, last + 1)]


def _frame(said: tuple[str, str]) -> Scene:
    scene = Scene(WIDTH, HEIGHT, f"{said[0]}, {said[1]}")
    scene.add(Label(16, 24, said[0], 14, bold=True), Label(16, 42, said[1], 11, colour=MUTED))
    return scene


def _tick(scene: Scene, y: float, text: str) -> None:
    scene.line(((LEFT, y), (WIDTH - RIGHT, y)), LINE)
    scene.add(Label(LEFT - 6, y + 4, text, 11, "end", colour=INK))


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Returns the stretches without a gap, each value with its place."""
    runs: list[list[tuple[int, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((number, value))
    return [run for run in runs if run]

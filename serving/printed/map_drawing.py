"""The journey map as a picture: a column for each stage, a lane for each figure."""

from collections.abc import Callable, Mapping
from typing import Any

from serving.languages.messages import NOTHING
from serving.printed.reader import Reader
from serving.printed.scene import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    Area,
    Label,
    Scene,
    on_stage,
    shortened,
    stage_colour,
    wrapped,
)

LANES, COLUMN, MARGIN, HEAD = 172.0, 188.0, 24.0, 84.0
CHEVRON, TIP = 52.0, 14.0
TALLEST = 72.0
DIGIT = 0.66
"""The width of a bold digit, of its height."""
ROW, LOWEST = 17.0, 60.0
MOST_NAMES = {"touchpoints": 4, "channels": 3}
Line = tuple[str, bool]
"""A text, and whether it is the figure that the others explain."""


def draw_map(shown: Mapping[str, Any], horizon: str, reader: Reader) -> Scene:
    """Returns the picture of one map.

    Parameters
    ----------
    shown
        A map as ``JourneyMap.to_dict`` says it.
    horizon
        The one whose expectation is drawn beside the customers now.
    """
    lanes = _lanes(shown, horizon, reader)
    most = {key: max(len(fill(stage)) for stage in shown["stages"]) for key, fill in lanes.items()}
    heights = {key: max(LOWEST, 22 + ROW * lines) for key, lines in most.items()}
    width = 2 * MARGIN + LANES + COLUMN * len(shown["stages"])
    top = HEAD + CHEVRON + TALLEST + 48
    scene = Scene(width, top + sum(heights.values()) + MARGIN, reader.text("map.title"))
    _head(scene, shown, reader)
    for place, stage in enumerate(shown["stages"]):
        _column(scene, place, stage, shown, horizon, reader)
    _legend(scene, shown, horizon, reader)
    y = top
    for key, fill in lanes.items():
        scene.line(((MARGIN, y), (width - MARGIN, y)), LINE)
        scene.add(Label(MARGIN, y + 20, reader.text(f"map.lane_{key}"), bold=True))
        unit = "" if key == "future" else reader.text(f"map.unit_{key}")
        for number, line in enumerate(wrapped(unit, LANES - 12, 11)):
            scene.add(Label(MARGIN, y + 36 + 14 * number, line, 11, colour=MUTED))
        for place, stage in enumerate(shown["stages"]):
            for number, (text, main) in enumerate(fill(stage)):
                fitting = shortened(text, COLUMN - 16, 13 if main else 12)
                where = (_left(place), y + 20 + ROW * number)
                scene.add(Label(*where, fitting, 13 if main else 12, bold=main, colour=INK if main else MUTED))
        y += heights[key]
    return scene


def _head(scene: Scene, shown: Mapping[str, Any], reader: Reader) -> None:
    customers = reader.text("count.customers", count=shown["customers"])
    days = [reader.date(moment) for moment in (shown["start"], shown["end"])]
    period = reader.text("map.period", start=days[0], end=days[1])
    scene.add(Label(MARGIN, 44, f"{reader.text('map.title')}: {reader.journey.title(reader.language)}", 22, bold=True))
    scene.add(Label(MARGIN, 68, f"{customers}  ·  {period}", 14, colour=MUTED))


def _column(
    scene: Scene, place: int, stage: Mapping[str, Any], shown: Mapping[str, Any], horizon: str, reader: Reader
) -> None:
    """Draws the head of a stage, and its customers now beside those expected."""
    code, left = reader.code(stage["name"]), _left(place)
    x, right, y = left - 8, left + COLUMN - 14, HEAD
    edge = ((x, y), (right - TIP, y), (right, y + CHEVRON / 2), (right - TIP, y + CHEVRON), (x, y + CHEVRON))
    notch = () if place == 0 else ((x + TIP, y + CHEVRON / 2),)
    scene.add(Area((*edge, *notch), stage_colour(code)))
    lines = wrapped(reader.label(stage["name"]), COLUMN - 54, 13)
    for number, line in enumerate(lines):
        baseline = y + 31 - 8 * (len(lines) - 1) + 16 * number
        scene.add(Label(left + 10, baseline, line, bold=True, colour=on_stage(code)))
    bottom, most = HEAD + CHEVRON + 16 + TALLEST, _most(shown, horizon)
    now = TALLEST * stage["customers"] / most
    scene.rectangle(left, bottom - now, 44, now, stage_colour(code))
    if stage["predicted"]:
        then = TALLEST * stage["predicted"][horizon]["customers"] / most
        scene.rectangle(left + 50, bottom - then, 26, then, stage_colour(code), 0.45)
    count, share = reader.number(stage["customers"]), reader.ratio(stage["customers"], shown["customers"])
    scene.add(Label(left, bottom + 20, count, 16, bold=True))
    scene.add(Label(left + 10 + DIGIT * 16 * len(count), bottom + 20, share, 12, colour=MUTED))


def _legend(scene: Scene, shown: Mapping[str, Any], horizon: str, reader: Reader) -> None:
    y = HEAD + CHEVRON + 28
    scene.add(Label(MARGIN, y, reader.text("map.lane_customers"), bold=True))
    told = [(reader.date(shown["end"]), 1.0)]
    if shown["stages"][0]["predicted"]:
        told.append((reader.text("map.horizon", horizon=reader.horizon(horizon)), 0.45))
    for number, (text, opacity) in enumerate(told):
        scene.rectangle(MARGIN, y + 12 + 18 * number, 10, 10, ACCENT, opacity)
        scene.add(Label(MARGIN + 16, y + 21 + 18 * number, text, 11, colour=MUTED))


def _lanes(
    shown: Mapping[str, Any], horizon: str, reader: Reader
) -> dict[str, Callable[[Mapping[str, Any]], list[Line]]]:
    """Returns what each lane says of a stage; lanes of which nothing is known are left out."""
    last = shown["stages"][-1]["name"]
    lanes: dict[str, Callable[[Mapping[str, Any]], list[Line]]] = {
        "moves": lambda stage: [
            (f"{reader.number(stage['entries'])} {reader.text('map.came')}", False),
            (f"{reader.number(stage['exits'])} {reader.text('map.left')}", False),
        ],
        "onward": lambda stage: [
            (reader.text("map.onward_none"), False)
            if stage["name"] == last
            else (reader.percent(stage["moved_on"]), True)
        ],
        "days": lambda stage: [(reader.spoken.days(stage["median_days"]), True)],
        "touchpoints": lambda stage: _named(stage, "touchpoints", reader),
        "channels": lambda stage: _named(stage, "channels", reader),
        "feeling": lambda stage: _feelings(stage, reader),
        "churn": lambda stage: _churn(stage, horizon, reader),
        "future": lambda stage: _future(stage, reader),
    }
    present = {"future": any(stage["predicted"] for stage in shown["stages"])}
    present["feeling"] = any(stage["nps"] is not None or stage["csat"] is not None for stage in shown["stages"])
    present["channels"] = any(stage["channels"] for stage in shown["stages"])
    return {key: fill for key, fill in lanes.items() if present.get(key, True)}


def _named(stage: Mapping[str, Any], lane: str, reader: Reader) -> list[Line]:
    return [(f"{reader.number(count)}  {name}", False) for name, count in stage[lane][: MOST_NAMES[lane]]] or [
        (NOTHING, False)
    ]


def _feelings(stage: Mapping[str, Any], reader: Reader) -> list[Line]:
    known = [(key, stage[key], decimals) for key, decimals in (("nps", 0), ("csat", 1)) if stage[key] is not None]
    said = [(f"{reader.text(f'map.{key}')} {reader.number(value, decimals)}", True) for key, value, decimals in known]
    return said or [(reader.text("map.no_survey"), False)]


def _churn(stage: Mapping[str, Any], horizon: str, reader: Reader) -> list[Line]:
    return [
        (f"{reader.percent(stage[key], 1)} {reader.text(said, horizon=reader.horizon(horizon))}", False)
        for key, said in (("churn_rate", "map.churn_past"), ("churn_expected", "map.churn_expected"))
        if stage[key] is not None
    ] or [(reader.text("map.churn_none"), False)]


def _future(stage: Mapping[str, Any], reader: Reader) -> list[Line]:
    return [
        (f"{reader.number(there['customers'])} {reader.text('map.horizon', horizon=reader.horizon(horizon))}", False)
        for horizon, there in (stage["predicted"] or {}).items()
    ]


def _most(shown: Mapping[str, Any], horizon: str) -> float:
    then = [stage["predicted"][horizon]["customers"] for stage in shown["stages"] if stage["predicted"]]
    return float(max([1.0, *then, *(stage["customers"] for stage in shown["stages"])]))


def _left(place: int) -> float:
    return MARGIN + LANES + COLUMN * place + 8

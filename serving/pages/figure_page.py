"""The figures over time as a page: which lines each panel draws, in which colours."""

from collections.abc import Callable, Mapping
from typing import Any

ALL, STAGE, CHANNEL = "all", "stage", "channel"
DIVISIONS = (ALL, STAGE, CHANNEL)
PANELS = ("active", "purchases", "revenue", "churn", "nps", "csat")
ANSWERS = ("nps", "csat")
MOST_BARS = 8  # channels; the table beside them has all


def panels(
    kpis: Mapping[str, Any], by: str, label: Callable[[str], str], text: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Returns the panels with their lines, or with the reason why there are none."""
    return [_panel(kpis, key, by, label, text) for key in PANELS]


def attribution_bars(found: Mapping[str, Any], text: Callable[[str], str]) -> dict[str, Any]:
    """Returns the shares of the purchases that the first channels are credited with, in both ways."""
    shown = found["channels"][:MOST_BARS]
    ways = (("markov", "--accent"), ("shapley", "--stage-1"))
    return {
        "names": [each["channel"] for each in shown],
        "unit": text("figures.attribution_unit"),
        "bars": [
            {
                "label": text(f"figures.{way}"),
                "colour": colour,
                "values": [each[way] / found["purchases"] for each in shown],
            }
            for way, colour in ways
        ],
    }


def _panel(
    kpis: Mapping[str, Any], key: str, by: str, label: Callable[[str], str], text: Callable[[str], str]
) -> dict[str, Any]:
    own = kpis["lines"][key]
    lines = [
        {
            "label": text(f"figures.{key}") if by == ALL else label(name),
            "colour": "--accent" if by == ALL else f"--stage-{place % 9 + (by == CHANNEL)}",
            "values": values,
        }
        for place, (name, values) in enumerate(own.get(by, {}).items())
        if any(values)  # a line of nothing but zeros or gaps says nothing
    ]
    why = ""
    if not lines:
        why = text("figures.no_answers") if key in ANSWERS else text("figures.no_channel")
    times = kpis["periods"] if key == "churn" else kpis["weeks"]
    return {"key": key, "times": times, "lines": lines, "empty": why}

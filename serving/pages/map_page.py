"""The journey map as a page: which map is shown beside which, and the figures above it."""

from datetime import datetime
from typing import Any

from serving.errors import PageError
from serving.languages.messages import Messages
from serving.pages.rendering import named
from serving.whole_number import whole_number

HIGHEST = 62.0  # of 64 units of a bar's picture
NAMES = "="


def chosen_map(report: dict[str, Any], choice: str) -> dict[str, Any]:
    """Returns the map of a period, such as ``"0"`` for the latest, or of a group, such as ``"age=25-34"``.

    Raises
    ------
    PageError
        If there is none.
    """
    period = whole_number(choice, len(report["maps"]) - 1)
    if period is not None:
        found: dict[str, Any] = report["maps"][period]
        return found
    group, _, value = choice.partition(NAMES)
    if value in report["groups"].get(group, {}):
        of_group: dict[str, Any] = report["groups"][group][value]
        return of_group
    known = [f"{name}{NAMES}{each}" for name, maps in report["groups"].items() for each in maps]
    raise PageError("no_map", choice, known, most=len(report["maps"]))


def totals(shown: dict[str, Any], horizon: str) -> dict[str, Any]:
    """Returns what holds of all stages of a map together."""
    stages = shown["stages"]
    moves = sum(stage["exits"] for stage in stages)
    stays = [(stage["moved_on"], stage["customers_before"] + stage["entries"]) for stage in stages]
    forward = sum(share * size for share, size in stays if share is not None)
    asked = sum(stage["churn_asked"] for stage in stages)
    gone = sum(stage["churn_rate"] * stage["churn_asked"] for stage in stages if stage["churn_rate"] is not None)
    coming = [stage["predicted"][horizon]["inflow"] for stage in stages if stage["predicted"]]
    return {
        "moves": moves,
        "came": sum(stage["entries"] for stage in stages) - moves,
        "forward": forward / moves if moves else None,
        "churn": gone / asked if asked else None,
        "moving": sum(coming) if coming else None,
    }


def bars(shown: dict[str, Any], horizon: str) -> list[dict[str, float]]:
    """Returns the height of each stage's bars, of 64 units: the customers now, and those expected."""
    pairs = [
        (stage["customers"], stage["predicted"][horizon]["customers"] if stage["predicted"] else 0.0)
        for stage in shown["stages"]
    ]
    most = max(max(pair) for pair in pairs) or 1.0
    return [{"now": HIGHEST * now / most, "next": HIGHEST * then / most} for now, then in pairs]


def map_name(report: dict[str, Any], spoken: Messages, choice: str) -> str:
    """Returns what people call the map of a choice."""
    if not choice.isdigit():
        group, _, value = choice.partition(NAMES)
        return f"{named(spoken, 'group', group)}: {value}"
    return spoken.text("map.period", **spoken_span(report["maps"][int(choice)], spoken))


def spoken_span(shown: dict[str, Any], spoken: Messages) -> dict[str, str]:
    """Returns when a map's period starts and ends, as people write it."""
    return {name: spoken.date(datetime.fromisoformat(shown[name])) for name in ("start", "end")}

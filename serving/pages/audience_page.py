"""The audience builder as a page: what its script says, and what it begins with."""

from collections.abc import Mapping
from typing import Any

from serving.languages.messages import Messages
from serving.pages.rendering import horizon_text

TEXTS = (
    *("limit", "share_unit", "size_note", "captured_note", "wrong_note", "change_note", "curve_size"),
    *("curve_captured", "curve_random", "saved", "failed", "failed_401", "failed_403", "interval"),
)
COMMAND = "nextstage segment {name}{where} --order-by {order_by} --top {top}"
USUAL = 10


def audience_texts(spoken: Messages, horizon: str) -> dict[str, Any]:
    """Returns the texts that the script fills while sliders move."""
    own = spoken.starting_with("audience")
    spend_note = spoken.text("audience.spend_note", horizon=horizon_text(horizon, spoken))
    return {**{name: own[f"audience.{name}"] for name in TEXTS}, "spend_note": spend_note, "command_line": COMMAND}


def usual_value(curves: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> int:
    """Returns what a customer is expected to spend on average, to begin with; USUAL where that is not predicted."""
    known = [curve for stages in curves.values() for curve in stages.values() if curve["spend"]]
    return max(1, round(known[0]["spend"][-1] / known[0]["customers"])) if known else USUAL

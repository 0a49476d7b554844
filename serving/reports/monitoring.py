"""What 'nextstage monitor' kept: how far the present is from the training, and what came of past runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from features.durations import parse_duration
from features.timestamps import to_iso
from serving.judgement import judge
from serving.matured import Card

NOT_LOOKED: dict[str, Any] = {
    "verdict": None,
    "at": None,
    "model": None,
    "reasons": [],
    "as_of": None,
    "scores": [],
    "features": [],
}


def drift_panel(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns the last verdict with the drift of every score and feature, the largest first.

    Parameters
    ----------
    told
        As ``serving.monitor.last_verdict`` returns it; None if nobody has looked yet, and then the verdict is None too.
    """
    if told is None:
        return dict(NOT_LOOKED)
    named = {name: told[name] for name in ("verdict", "model", "reasons")}
    return {**named, "at": to_iso(told["at"]), **told["drift"]}


def matured_panel(cards: Sequence[Card]) -> dict[str, Any]:
    """Returns what came of past runs beside what was promised: the last of each target and horizon, and those before.

    Parameters
    ----------
    cards
        Of one version, the oldest cutoff first; those that could not be measured are left out.
    """
    measured = [card for card in reversed(cards) if card.is_measured]
    latest = {card.name: card for card in cards if card.is_measured}
    order = sorted(latest.values(), key=lambda card: (parse_duration(card.horizon), card.target))
    return {
        "latest": [_told(card) for card in order],
        "earlier": [_told(card) for card in measured if latest[card.name] is not card],
    }


def _told(card: Card) -> dict[str, Any]:
    """Returns a card as plain data with the verdict that it alone would give."""
    times = {"as_of": to_iso(card.as_of), "matured_at": to_iso(card.matured_at)}
    return {**card.to_dict(), **times, "name": card.name, "verdict": judge([card], (), ())[0]}

"""The targets: what is predicted of a customer at a cutoff, for every horizon."""

from typing import Any

from features.errors import FeatureError, did_you_mean
from features.targets.churn import Churn
from features.targets.firsts import NEVER, NOTHING, Firsts
from features.targets.next_event import NextEvent
from features.targets.next_stage import NextStage
from features.targets.purchase import Purchase, spending
from features.targets.target import HORIZONS, NO_LABEL, NO_YES, Target

KINDS: dict[str, type[Target]] = {kind.kind: kind for kind in (NextStage, NextEvent, Purchase, Churn)}

USUAL_KINDS = (NextStage.kind, Churn.kind, Purchase.kind)
"""What is predicted if nothing else is asked for."""

__all__ = [
    "HORIZONS",
    "KINDS",
    "NEVER",
    "NOTHING",
    "NO_LABEL",
    "NO_YES",
    "USUAL_KINDS",
    "Churn",
    "Firsts",
    "NextEvent",
    "NextStage",
    "Purchase",
    "Target",
    "spending",
    "target_from_dict",
]


def target_from_dict(data: dict[str, Any]) -> Target:
    """Returns the target of plain data, as ``Target.to_dict`` wrote it."""
    name = str(data.get("target"))
    if name not in KINDS:
        raise FeatureError(f"target '{name}' is unknown; {did_you_mean(name, KINDS)}")
    return KINDS[name](**{key: tuple(value) for key, value in data.items() if key != "target"})

"""One customer: what happened, what the model says of it at a moment, and what it would have said before."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from features.languages.messages import ENGLISH
from features.snapshots import Snapshots, regular_cutoffs
from features.targets import NO_YES, NextStage
from features.timestamps import to_iso
from models.scores import Scores
from serving.customer_view import view_customer
from serving.personal_data import unknown_customer
from serving.reports.observed import PERIOD
from serving.scorer import Scorer

MOST_EVENTS = 100
MOST_POINTS = 13  # a year of four weeks each
MOVES = "moves"


def customer_panel(scorer: Scorer, customer_id: str, as_of: int, language: str = ENGLISH) -> dict[str, Any]:
    """Returns what is known of a customer, the scores at a moment with their reasons, and those at earlier ones.

    Parameters
    ----------
    language
        Of the reasons.

    Raises
    ------
    UnknownCustomerError
        If the store has no events of the customer.
    """
    known = view_customer(scorer, customer_id, as_of, MOST_EVENTS, True, language)
    if known["scores"] is None:  # then there is nothing to draw
        raise unknown_customer(customer_id)
    known["events"] = [{**event, "was_known": _joined(event) <= as_of} for event in known["events"]]
    known["history"] = {} if known["suppressed"] else _history(scorer, customer_id, as_of)
    return known


def answer(scorer: Scorer, customer_ids: list[str], as_of: int, language: str = ENGLISH) -> list[dict[str, Any]]:
    """Returns what the API answers for some customers, reasons included."""
    question = {"customer_ids": customer_ids, "as_of": to_iso(as_of), "explain": True}
    records: list[dict[str, Any]] = json.loads(scorer.answer(json.dumps(question).encode(), as_of, language))["scores"]
    return records


def spans(timeline: list[Mapping[str, Any]], as_of: int) -> list[dict[str, Any]]:
    """Returns where each stay lies between the first one's start, 0, and a moment, 1."""
    if not timeline:
        return []
    entered = [_micro(stay["entered_at"]) for stay in timeline]
    whole = max(as_of - entered[0], 1)
    left = [*entered[1:], as_of]
    return [
        {"stage": stay["stage"], "start": (start - entered[0]) / whole, "share": max(end - start, 0) / whole}
        for stay, start, end in zip(timeline, entered, left, strict=True)
    ]


def _history(scorer: Scorer, customer_id: str, as_of: int) -> dict[str, Any]:
    log = scorer.store.log([customer_id])
    cutoffs = regular_cutoffs(int(log.time[0]), as_of, PERIOD)[-MOST_POINTS:]
    snapshots = Snapshots(np.zeros(len(cutoffs), dtype=np.int64), cutoffs)
    scores = scorer.model.predictor.score(log, snapshots)
    return {"times": [to_iso(cutoff) for cutoff in cutoffs], "lines": _lines(scores)}


def _lines(scores: Scores) -> dict[str, list[float | None]]:
    lines: dict[str, list[float | None]] = {}
    for scored in scores.targets:
        probabilities, asked = scored.at(scores.horizon)
        if scored.classes == NO_YES:
            pairs = zip(probabilities[:, 1].tolist(), asked.tolist(), strict=True)
            lines[scored.target.kind] = [value if ask else None for value, ask in pairs]
        elif isinstance(scored.target, NextStage):
            stays = probabilities[np.arange(len(scores)), scores.stage_codes(scored.classes)]
            lines[MOVES] = (1.0 - stays).tolist()
    return lines


def _joined(event: Mapping[str, Any]) -> int:
    happened = _micro(event["timestamp"])
    return happened if event["known_at"] is None else max(happened, _micro(event["known_at"]))


def _micro(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.timestamp()) * 10**6 + moment.microsecond

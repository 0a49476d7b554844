"""What a CRM shows of one customer: the stage, how it came about, the scores, and the latest events."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from features.events import EventLog
from features.journey import Journey
from features.languages.messages import ENGLISH
from features.timeline import stage_timeline
from features.timestamps import to_iso
from serving.attributes import describe_attributes, read_dated
from serving.consents import read_consents, suppressed
from serving.loaded import Record, suppressed_record
from serving.personal_data import describe_events, unknown_customer
from serving.schemas import ScoreRequest
from serving.scorer import Scorer
from serving.store import Store, read_log

MOST_EVENTS = 1_000
NO_STAGES: Mapping[str, Any] = {"stage": None, "timeline": []}


def view_customer(
    scorer: Scorer, customer_id: str, now: int, most: int, explain: bool = False, language: str = ENGLISH
) -> dict[str, Any]:
    """Returns what is known of a customer, with the record that a score request at that moment is answered with.

    Parameters
    ----------
    now, most
        As for ``describe_customer``.
    explain
        Whether the scores come with their reasons.
    language
        Of the reasons.

    Raises
    ------
    UnknownCustomerError
        If the store knows nothing of the customer.
    """
    known = describe_customer(scorer.store, scorer.model.predictor.journey, customer_id, now, most)
    if not known["events_total"]:
        return {**known, "model": scorer.describe(), "scores": None}
    answer = scorer.answer_to(ScoreRequest(customer_ids=[customer_id], explain=explain), now, language)
    record: Record = suppressed_record(customer_id) if known["suppressed"] else answer.records[0]
    if record.get("suppressed"):  # perhaps since the rest was read
        known = {**known, **NO_STAGES, "suppressed": True}
    return {**known, "model": answer.model, "scores": record}


def describe_customer(store: Store, journey: Journey, customer_id: str, now: int, most: int) -> Mapping[str, Any]:
    """Returns what is known of a customer now; of one who opted out or has no events, no stage.

    Parameters
    ----------
    now
        UTC microseconds; events that joined the history later are listed, and have no influence on the stage.
    most
        How many events, the latest ones, oldest first.

    Raises
    ------
    UnknownCustomerError
        If the store knows nothing of the customer.
    """
    with store.database.reading() as connection:
        events = describe_events(connection, customer_id)
        attributes = describe_attributes(connection, customer_id)["attributes"]
        changes = read_dated(connection, [customer_id])
        decisions = read_consents(connection, [customer_id])
        if not (events or attributes or changes or decisions):
            raise unknown_customer(customer_id)
        opted_out = bool(suppressed(connection, [customer_id]))
        log = read_log(connection, [customer_id]) if events and not opted_out else None
    dated = [record for _, since, record in changes if since <= now]
    return {
        "customer_id": customer_id,
        "as_of": to_iso(now),
        **(NO_STAGES if log is None else _stages(log, journey, now)),
        "attributes": {**attributes, **(dated[-1] if dated else {})},
        "consent": decisions[-1].decision if decisions else None,
        "suppressed": opted_out,
        "events_total": len(events),
        "events": events[-most:] if most else [],
    }


def _stages(log: EventLog, journey: Journey, now: int) -> dict[str, Any]:
    """Returns the stage of the one customer of a log, and every stay since the first event."""
    timeline = stage_timeline(log, journey)
    stage = timeline.stage_at(np.zeros(1, dtype=np.int64), np.array([now]))
    stays = timeline.frame(replace(log, end=now), journey).drop(columns="customer_id")
    return {
        "stage": journey.stage_names[int(stage[0])],
        "timeline": stays.astype(object).where(stays.notna(), None).to_dict("records"),
    }

"""What a CRM shows of one customer: the stage, how it came about, and the latest events."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from features.journey import Journey
from features.timeline import stage_timeline
from features.timestamps import to_iso
from serving.attributes import describe_attributes, read_dated
from serving.consents import read_consents, suppressed
from serving.personal_data import describe_events
from serving.store import Store

MOST_EVENTS = 1_000


def describe_customer(store: Store, journey: Journey, customer_id: str, now: int, most: int) -> Mapping[str, Any]:
    """Returns what is known of a customer now; of one who opted out of being profiled, no stage.

    Parameters
    ----------
    now
        UTC microseconds; events that joined the history later are listed, and have no influence on the stage.
    most
        How many events, the latest ones, oldest first.

    Raises
    ------
    UnknownCustomerError
        If the store has no events of the customer.
    """
    log = store.log([customer_id])
    timeline = stage_timeline(log, journey)
    stage = timeline.stage_at(np.zeros(1, dtype=np.int64), np.array([now]))
    stages = timeline.frame(replace(log, end=now), journey).drop(columns="customer_id")
    with store.database.reading() as connection:
        events = describe_events(connection, customer_id)
        attributes = describe_attributes(connection, customer_id)["attributes"]
        dated = [record for _, since, record in read_dated(connection, [customer_id]) if since <= now]
        decisions = read_consents(connection, [customer_id])
        opted_out = bool(suppressed(connection, [customer_id]))
    return {
        "customer_id": customer_id,
        "as_of": to_iso(now),
        "stage": None if opted_out else journey.stage_names[int(stage[0])],
        "timeline": [] if opted_out else stages.astype(object).where(stages.notna(), None).to_dict("records"),
        "attributes": {**attributes, **(dated[-1] if dated else {})},
        "consent": decisions[-1].decision if decisions else None,
        "suppressed": opted_out,
        "events_total": len(events),
        "events": events[-most:] if most else [],
    }

"""The customers of events that come along with a request and are not stored."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from features.events import EventLog
from features.ingest import CUSTOMER, Schema, log_from_frame
from serving.errors import RequestError
from serving.schemas import InlineEvent


def inline_log(events: Sequence[InlineEvent], attributes: dict[str, dict[str, Any]]) -> EventLog:
    """Returns the EventLog of events that came with a request."""
    dimensions = tuple({name: None for event in events for name in event.dimensions})
    measures = tuple({name: None for event in events for name in event.measures})
    own = set(InlineEvent.model_fields)
    if taken := own.intersection((*dimensions, *measures)) or set(dimensions).intersection(measures):
        raise RequestError(f"'{min(taken)}' is used for two things in the events; give the extra one another name")
    frame = pd.DataFrame(
        [event.model_dump(exclude={"dimensions", "measures"}) | event.dimensions | event.measures for event in events]
    )
    table = _attribute_table(attributes) if attributes else None
    return log_from_frame(frame, Schema(None, dimensions, measures), table, row_name=lambda row: f"event {row + 1}")


def _attribute_table(attributes: dict[str, dict[str, Any]]) -> pd.DataFrame:
    kinds: dict[str, type] = {}
    for record in attributes.values():
        for name, value in record.items():
            if name == CUSTOMER or (value is not None and kinds.setdefault(name, type(value)) is not type(value)):
                raise RequestError(
                    f"attribute '{name}' is a text and a number, or has a taken name; correct 'attributes'"
                )
    return pd.DataFrame([{CUSTOMER: name} | record for name, record in attributes.items()])

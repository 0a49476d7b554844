"""Stores what a batch of tracking messages says: events, attributes, identities and consent, all of it or nothing."""

import json
import math
from collections.abc import Sequence

from sqlalchemy import Connection

from features.errors import EventLogError
from features.ingest import LARGEST
from features.sources.segment_message import SOURCE, SegmentMessage
from serving.attributes import write_traits
from serving.consents import Consent, write_consents
from serving.database import Database, Row
from serving.fields import EVENT_FIELD, kinds_of
from serving.identities import Identities, write_aliases
from serving.rows import TEXT, Kinds, earliest_of_each_id, joined_at
from serving.store import add_events


def ingest(database: Database, messages: Sequence[SegmentMessage]) -> int:
    """Stores messages and returns how many events are new; a message that came before counts once.

    A message by an id that is known to belong to another customer is filed under that one, from the moment this is
    known. Properties are kept where the store knows a dimension or measure of their name. Traits hold from the time
    of their message on, unless the store has the attribute without dates.

    Raises
    ------
    EventLogError
        If a message cannot be stored; nothing is then.
    """
    with database.writing() as connection:
        extra = kinds_of(connection, EVENT_FIELD)
        rows = [message_row(each, extra, place) for place, each in enumerate(messages) if each.event is not None]
        identities = _learn(connection, messages)
        write_aliases(database, connection, identities)
        if any(each.attributes for each in messages):
            traits = [
                (identities.resolve(each.customer_id, each.joined_at), each.joined_at, each.attributes)
                for each in messages
            ]
            write_traits(database, connection, traits, {}, lambda place: f"message {place + 1}")
        write_consents(
            connection,
            [
                Consent(identities.resolve(each.customer_id, each.joined_at), "revoked", each.joined_at, SOURCE)
                for each in messages
                if each.opts_out
            ],
        )
        filed = [{**row, "customer_id": identities.resolve(row["customer_id"], joined_at(row))} for row in rows]
        return add_events(database, connection, earliest_of_each_id(filed), extra).new if filed else 0


def message_row(message: SegmentMessage, extra: Kinds, place: int) -> Row:
    """Returns the row of a message that is an event: what ``event_rows`` makes of a frame, without one.

    Raises
    ------
    EventLogError
        If its value, or a property that is a measure, is no number.
    """
    fields: Row = {
        name: (None if (value := message.properties.get(name)) is None else str(value) or None)
        if kind == TEXT
        else _number(message.properties.get(name), name, place)
        for name, kind in extra.items()
    }
    return {
        "customer_id": message.customer_id,
        "timestamp": message.timestamp,
        "known_at": message.known_at,
        "event": message.event,
        "channel": message.channel,
        "value": _number(message.value, "value", place),
        "event_id": message.message_id,
        "extra": json.dumps(fields) if fields else None,
    }


def _number(value: str | float | None, name: str, place: int) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST:
        raise EventLogError(
            f"message {place + 1}: '{name}' is no number up to {LARGEST:g}: {value!r:.40}; give one or leave it out"
        )
    return number


def _learn(connection: Connection, messages: Sequence[SegmentMessage]) -> Identities:
    """Returns who is who once the messages are read."""
    named = {each.customer_id for each in messages} | {each.previous_id for each in messages if each.previous_id}
    identities = Identities.known(connection, named)
    for each in messages:
        if each.previous_id is not None:
            identities.learn(each.previous_id, each.joined_at, each.customer_id)
    return identities

"""Copies and later versions of stored events: files and messages give the same store in whatever order they come.

The rules are those of ``features.sources.importing.settling``: of copies the highest revision gives the values, of one
revision the one that joined the history first; and the earliest time of joining the history stays.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from serving.database import BLOCK, Row
from serving.rows import joined_at
from serving.tables import EVENTS

VALUES = ("customer_id", "timestamp", "known_at", "event", "channel", "value", "extra", "revision")


class Stored(NamedTuple):
    """What decides between two copies of an event."""

    timestamp: int
    known_at: int | None
    revision: int | None


class Revision(NamedTuple):
    """What is done to stored events.

    Parameters
    ----------
    changes
        Rows whose values take the place of stored ones.
    sooner
        Events that turn out to have been known before: their id and that moment.
    """

    changes: list[Row]
    sooner: list[Row]


def revised(rows: Sequence[Row], stored: dict[str, Stored]) -> Revision:
    """Returns what rows change in the events stored under the same ids."""
    changes: list[Row] = []
    sooner: list[Row] = []
    for row in rows:
        before = stored.get(row["event_id"])
        if before is None:
            continue
        was = before.timestamp if before.known_at is None else max(before.timestamp, before.known_at)
        comes = joined_at(row)
        rank, rank_before = row.get("revision") or 0, before.revision or 0
        if rank > rank_before or (rank == rank_before and comes < was):
            known = was if was < comes else row["known_at"]
            changes.append({name: row.get(name) for name in VALUES} | {"known_at": known, "name": row["event_id"]})
        elif comes < was:
            sooner.append({"name": row["event_id"], "known": comes})
    return Revision(changes, sooner)


def revise(connection: Connection, rows: Sequence[Row]) -> tuple[list[Row], int]:
    """Changes stored events of which rows are copies or versions.

    Returns the other rows, and how many stored events got other values.
    """
    others, done = [row for row in rows if row["event_id"] is None], 0
    named = EVENTS.update().where(EVENTS.c.event_id == bindparam("name"))
    identified = [row for row in rows if row["event_id"] is not None]
    for first in range(0, len(identified), BLOCK):
        block = identified[first : first + BLOCK]
        stored = _stored(connection, [row["event_id"] for row in block])
        others += [row for row in block if row["event_id"] not in stored]
        found = revised(block, stored)
        if found.changes:
            connection.execute(named.values({column: bindparam(column) for column in VALUES}), found.changes)
        if found.sooner:
            connection.execute(named.values(known_at=bindparam("known")), found.sooner)
        done += len(found.changes)
    return others, done


def _stored(connection: Connection, ids: list[str]) -> dict[str, Stored]:
    c = EVENTS.c
    query = select(c.event_id, c.timestamp, c.known_at, c.revision).where(c.event_id.in_(ids))
    return {row[0]: Stored(*row[1:]) for row in connection.execute(query).all()}

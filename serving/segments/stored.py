"""The segments that the store keeps, with their members, best first; every scoring run chooses them anew."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from features.errors import did_you_mean
from features.timestamps import to_iso
from serving.audit import write_audit
from serving.database import Database, run_blocks
from serving.segments.errors import SegmentError, UnknownSegmentError
from serving.segments.preview import Preview, describe
from serving.segments.segment import Segment
from serving.segments.selection import number_column
from serving.segments.selection import select as choose
from serving.segments.table import CustomerTable
from serving.tables import SEGMENT_MEMBERS, SEGMENTS

TableOf = Callable[[Connection], CustomerTable]
RESERVED = ("preview",)
"""What the path of a route says in the place of a segment's name."""
KEPT = 2
"""Refreshes whose members are kept: who pages through the members meanwhile may come to the end."""


@dataclass(frozen=True)
class StoredSegment:
    """A segment, and what it gave when it was last refreshed.

    Parameters
    ----------
    saved_at, refreshed_at
        UTC microseconds.
    as_of
        The cutoff of the scores that its members were chosen by, UTC microseconds.
    refresh
        The number of the last refresh.
    preview
        Its numbers then, as ``Preview.to_dict`` tells them.
    problem
        Why later scores could not refresh it; its members are then those of before.
    """

    segment: Segment
    saved_at: int
    refresh: int
    refreshed_at: int
    as_of: int
    preview: dict[str, Any]
    problem: str | None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "name": self.segment.name,
            "definition": self.segment.to_dict(),
            "saved_at": to_iso(self.saved_at),
            "refreshed_at": to_iso(self.refreshed_at),
            "as_of": to_iso(self.as_of),
            "preview": self.preview,
            "problem": self.problem,
        }


def save_segment(database: Database, segment: Segment, table: TableOf, now: int, actor: str) -> Preview:
    """Keeps a segment, in place of one of its name, with its members.

    Parameters
    ----------
    table
        Returns the customers to choose from, as they are in the transaction: who is erased meanwhile is not among them.
    now, actor
        As for ``write_audit``.

    Raises
    ------
    SegmentError
        If it does not fit the table, or its name is the path of something else; the one before stays.
    """
    if segment.name in RESERVED:
        raise SegmentError(
            f"no segment can be called '{segment.name}': /segments/{segment.name} is the address of something else; "
            "give it another name"
        )
    with database.writing() as connection:
        found = _refresh(connection, segment, table(connection), now)
        change = SEGMENTS.update().where(SEGMENTS.c.name == segment.name)
        connection.execute(change.values(definition=json.dumps(segment.to_dict()), saved_at=now))
        write_audit(connection, now, actor, "segment.save", segment.name, segment.to_dict())
    return found


def refresh_segments(database: Database, table: TableOf, now: int) -> dict[str, Preview | SegmentError | None]:
    """Chooses the members of every segment anew; one that does not fit the table keeps those it has, and says why."""
    with database.reading() as connection:
        kept = read_segments(connection)
        if kept:
            table(connection)  # what it reads once is read before others have to wait for us
    return {stored.segment.name: _refresh_one(database, stored.segment.name, table, now) for stored in kept}


def _refresh_one(database: Database, name: str, table: TableOf, now: int) -> Preview | SegmentError | None:
    """Returns what a segment gave, or why not; None if somebody deleted it meanwhile."""
    with database.writing() as connection:
        try:
            return _refresh(connection, read_segment(connection, name).segment, table(connection), now)
        except SegmentError as problem:
            connection.execute(SEGMENTS.update().where(SEGMENTS.c.name == name).values(problem=str(problem)))
            return problem
        except UnknownSegmentError:
            return None


def delete_segment(database: Database, name: str, now: int, actor: str) -> None:
    """Forgets a segment and its members.

    Raises
    ------
    UnknownSegmentError
        If there is none of that name.
    """
    with database.writing() as connection:
        read_segment(connection, name)
        connection.execute(SEGMENTS.delete().where(SEGMENTS.c.name == name))
        connection.execute(SEGMENT_MEMBERS.delete().where(SEGMENT_MEMBERS.c.segment == name))
        write_audit(connection, now, actor, "segment.delete", name)


def read_segments(connection: Connection) -> list[StoredSegment]:
    """Returns every segment, by name."""
    return [_stored(row) for row in connection.execute(select(SEGMENTS).order_by(SEGMENTS.c.name))]


def read_segment(connection: Connection, name: str) -> StoredSegment:
    """Returns a segment by its name.

    Raises
    ------
    UnknownSegmentError
        If there is none.
    """
    row = connection.execute(select(SEGMENTS).where(SEGMENTS.c.name == name)).first()
    if row is None:
        hint = did_you_mean(name, connection.scalars(select(SEGMENTS.c.name)))
        raise UnknownSegmentError(f"no segment {name!r:.120} is kept; {hint}")
    return _stored(row)


def last_members(connection: Connection, name: str) -> frozenset[str] | None:
    """Returns the ids of a segment's members; None without a segment of that name."""
    refresh = connection.scalar(select(SEGMENTS.c.refresh).where(SEGMENTS.c.name == name))
    if refresh is None:
        return None
    c = SEGMENT_MEMBERS.c
    return frozenset(connection.scalars(select(c.customer_id).where(c.segment == name, c.refresh == refresh)))


def _refresh(connection: Connection, segment: Segment, table: CustomerTable, now: int) -> Preview:
    c = SEGMENT_MEMBERS.c
    selection = choose(segment, table)
    found = describe(segment, table, selection, last_members(connection, segment.name))
    number = 1 + (connection.scalar(select(func.max(SEGMENTS.c.refresh)).where(SEGMENTS.c.name == segment.name)) or 0)
    facts = {"refresh": number, "refreshed_at": now, "as_of": table.as_of, "preview": json.dumps(found.to_dict())}
    if number == 1:
        first = {"name": segment.name, "definition": json.dumps(segment.to_dict()), "saved_at": now}
        connection.execute(SEGMENTS.insert().values(**first, **facts))
    else:
        connection.execute(SEGMENTS.update().where(SEGMENTS.c.name == segment.name).values(**facts, problem=None))
    connection.execute(SEGMENT_MEMBERS.delete().where(c.segment == segment.name, c.refresh <= number - KEPT))
    members, score = table.customer_id[selection.members], number_column(segment, table)[selection.members]
    rows = zip(members.tolist(), score.tolist(), strict=True)
    own = {"segment": segment.name, "refresh": number}
    filled = [own | {"place": place, "customer_id": name, "score": s} for place, (name, s) in enumerate(rows, 1)]
    run_blocks(connection, SEGMENT_MEMBERS.insert(), filled)
    return found


def _stored(row: Row[Any]) -> StoredSegment:
    segment = Segment.from_dict(json.loads(row.definition), source=f"segment '{row.name}'")
    return StoredSegment(
        segment, row.saved_at, row.refresh, row.refreshed_at, row.as_of, json.loads(row.preview), row.problem
    )

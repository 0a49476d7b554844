"""The members of a stored segment, a page at a time; who opted out since is on none."""

import re
from dataclasses import dataclass

from sqlalchemy import Connection, select

from serving.consents import suppressed
from serving.errors import RequestError
from serving.segments.stored import KEPT, read_segment
from serving.tables import SEGMENT_MEMBERS

MOST = 10_000  # members of one page
CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")


@dataclass(frozen=True)
class Member:
    """A customer, the place among the members of that moment, and what decided it."""

    place: int
    customer_id: str
    score: float


@dataclass(frozen=True)
class MemberPage:
    """Some members, best first.

    Parameters
    ----------
    cursor
        Where the next page begins; None on the last one.
    """

    segment: str
    members: tuple[Member, ...]
    cursor: str | None


def read_members(connection: Connection, name: str, cursor: str | None = None, limit: int = 1_000) -> MemberPage:
    """Returns a page of members.

    Pages of one walk are of one refresh: nobody comes twice or is left out, even if scores come meanwhile.

    Parameters
    ----------
    cursor
        As the page before gave it; None begins with the best.

    Raises
    ------
    UnknownSegmentError
        If there is no such segment.
    RequestError
        If the cursor is none of this segment's, or scores came more than once since.
    """
    stored = read_segment(connection, name)
    refresh, after = (stored.refresh, 0) if cursor is None else _parsed(cursor)
    if not stored.refresh - KEPT < refresh <= stored.refresh:
        raise RequestError(f"cursor '{cursor}' is too old: '{name}' was refreshed since; begin again without a cursor")
    c = SEGMENT_MEMBERS.c
    query = select(c.place, c.customer_id, c.score).where(c.segment == name, c.refresh == refresh, c.place > after)
    rows = connection.execute(query.order_by(c.place).limit(limit + 1)).all()
    page = rows[:limit]
    refused = suppressed(connection, [row.customer_id for row in page])
    members = tuple(Member(*row) for row in page if row.customer_id not in refused)
    return MemberPage(name, members, f"{refresh}.{page[-1].place}" if len(rows) > limit else None)


def _parsed(cursor: str) -> tuple[int, int]:
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise RequestError(f"{cursor!r:.60} is no cursor; give the one of the page before, or none")
    return int(match[1]), int(match[2])

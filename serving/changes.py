"""Whose stored data changed since a moment ago: what the database notes of every change, whoever makes it.

Changes carry a number that rises as they become visible, since one writer comes after the other.
"""

from typing import Any

from sqlalchemy import Connection, func, or_, select

from serving.database import Database
from serving.tables import CHANGES, DATED_ATTRIBUTES, EVENTS

EVERYBODY = ""
"""Stands for all customers: an erasure must not name its own, and a new extra field concerns everybody."""


def last_change(connection: Connection) -> int:
    """Returns the number of the last change, 0 if there is none."""
    return int(connection.scalar(select(func.max(CHANGES.c.sequence))) or 0)


def changed_since(database: Database, change: int) -> list[tuple[int, str]]:
    """Returns the numbers and customers of later changes, ascending; of several changes of one customer the last."""
    return database.glance("SELECT sequence, customer_id FROM changes WHERE sequence > ? ORDER BY sequence", change)


def customers_to_rescore(connection: Connection, change: int, since: int) -> set[str]:
    """Returns whose scores may differ from those of an earlier run: what an incremental run computes again.

    A change of ``EVERYBODY`` is none of a score: nobody else's depends on who was erased, and what is not known of a
    customer is missing, whether its field was declared or not.

    Parameters
    ----------
    change
        The number of the last change that the run saw; what was stored after it counts, whenever it took place.
    since
        UTC microseconds: what was stored before, but joins the history after this moment, counts as well.
    """
    c, e, d = CHANGES.c, EVENTS.c, DATED_ATTRIBUTES.c
    queries: list[Any] = [
        select(c.customer_id).where(c.sequence > change, c.customer_id != EVERYBODY),
        select(e.customer_id).where(or_(e.timestamp > since, e.known_at > since)),
        select(d.customer_id).where(d.valid_from > since),
    ]
    return {name for query in queries for name in connection.scalars(query.distinct())}

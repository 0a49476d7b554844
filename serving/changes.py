"""Whose stored data changed since a moment ago: what the database notes of every change, whoever makes it.

Changes carry a number that rises as they become visible, since one writer comes after the other.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, func, or_, select, text

from serving.database import Database, each_block, run_blocks
from serving.migrations import NOTED_AT_THE_END
from serving.tables import ABOUT, CHANGES, DATED_ATTRIBUTES, EVENTS

EVERYBODY = ""
"""Stands for all customers: an erasure must not name its own, and a new extra field concerns everybody."""


def last_change(connection: Connection) -> int:
    """Returns the number of the last change, 0 if there is none."""
    return int(connection.scalar(select(func.max(CHANGES.c.sequence))) or 0)


def note_changes(connection: Connection, customer_ids: Collection[str]) -> None:
    """Notes that what is answered of customers changed though none of their own rows did."""
    for block in each_block(CHANGES.c.customer_id, list(customer_ids)):
        connection.execute(CHANGES.delete().where(block))
    run_blocks(connection, CHANGES.insert(), [{"customer_id": name} for name in customer_ids])


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


@contextmanager
def noted_at_the_end(connection: Connection) -> Iterator[None]:
    """Notes once whose events are stored inside, and not at each of them: half the time of many events.

    Nobody else sees that the database does not note them itself: it does so again before the transaction ends.
    """
    before = {"before": connection.scalar(select(func.coalesce(func.max(EVENTS.c.sequence), 0)))}
    connection.execute(ABOUT.insert().values(name=NOTED_AT_THE_END, value=""))
    yield
    connection.execute(ABOUT.delete().where(ABOUT.c.name == NOTED_AT_THE_END))
    stored = "SELECT DISTINCT customer_id FROM events WHERE sequence > :before"
    connection.execute(text(f"DELETE FROM changes WHERE customer_id IN ({stored})"), before)  # noqa: S608 - our own words
    connection.execute(text(f"INSERT INTO changes (customer_id) {stored}"), before)

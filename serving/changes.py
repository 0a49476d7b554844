"""Whose stored data changed since a moment ago: what the database notes of every change, whoever makes it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from serving.database import Database
from serving.migrations import NOTED_AT_THE_END
from serving.rescoring import last_event
from serving.tables import ABOUT

EVERYBODY = ""
"""Stands for all customers: an erasure must not name its own, and a new extra field concerns everybody."""


def last_change(database: Database) -> int:
    """Returns the number of the last change."""
    return int(database.glance("SELECT coalesce(max(sequence), 0) FROM changes")[0][0])


def changed_since(database: Database, change: int) -> list[tuple[int, str]]:
    """Returns the numbers and customers of later changes, ascending; of several changes of one customer the last."""
    return database.glance("SELECT sequence, customer_id FROM changes WHERE sequence > ? ORDER BY sequence", change)


@contextmanager
def noted_at_the_end(connection: Connection) -> Iterator[None]:
    """Notes once whose events are stored inside, and not at each of them: half the time of many events.

    Nobody else sees that the database does not note them itself: it does so again before the transaction ends.
    """
    before = {"before": last_event(connection)}
    connection.execute(ABOUT.insert().values(name=NOTED_AT_THE_END, value=""))
    yield
    connection.execute(ABOUT.delete().where(ABOUT.c.name == NOTED_AT_THE_END))
    stored = "SELECT DISTINCT customer_id FROM events WHERE sequence > :before"
    connection.execute(text(f"DELETE FROM changes WHERE customer_id IN ({stored})"), before)  # noqa: S608 - our own words
    connection.execute(text(f"INSERT INTO changes (customer_id) {stored}"), before)

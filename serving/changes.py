"""Whose stored data changed since a moment ago: what the database notes of every change, whoever makes it."""

from collections.abc import Collection

from sqlalchemy import Connection

from serving.database import Database, each_block, run_blocks
from serving.tables import CHANGES

EVERYBODY = ""
"""Stands for all customers: an erasure must not name its own, and a new extra field concerns everybody."""


def last_change(database: Database) -> int:
    """Returns the number of the last change."""
    return int(database.glance("SELECT coalesce(max(sequence), 0) FROM changes")[0][0])


def note_changes(connection: Connection, customer_ids: Collection[str]) -> None:
    """Notes that what is answered of customers changed though none of their own rows did."""
    for block in each_block(CHANGES.c.customer_id, list(customer_ids)):
        connection.execute(CHANGES.delete().where(block))
    run_blocks(connection, CHANGES.insert(), [{"customer_id": name} for name in customer_ids])


def changed_since(database: Database, change: int) -> list[tuple[int, str]]:
    """Returns the numbers and customers of later changes, ascending; of several changes of one customer the last."""
    return database.glance("SELECT sequence, customer_id FROM changes WHERE sequence > ? ORDER BY sequence", change)

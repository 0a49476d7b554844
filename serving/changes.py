"""Whose stored data changed since a moment ago: what the database notes of every change, whoever makes it."""

from serving.database import Database

EVERYBODY = ""
"""Stands for all customers: an erasure must not name its own, and a new extra field concerns everybody."""


def last_change(database: Database) -> int:
    """Returns the number of the last change."""
    return int(database.glance("SELECT coalesce(max(sequence), 0) FROM changes")[0][0])


def changed_since(database: Database, change: int) -> list[tuple[int, str]]:
    """Returns the numbers and customers of later changes, ascending; of several changes of one customer the last."""
    return database.glance("SELECT sequence, customer_id FROM changes WHERE sequence > ? ORDER BY sequence", change)

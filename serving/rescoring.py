"""Whose scores may have changed since an earlier run: what an incremental run computes again.

Events carry a number that rises as they become visible, since one writer comes after the other. What carries none,
attributes, later versions of stored events and ids that turn out to belong together, leaves on the customer the number
of the last scoring run that had begun by then.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, or_, select

from serving.database import each_block
from serving.runs import Run
from serving.tables import CUSTOMERS, DATED_ATTRIBUTES, EVENTS, RUNS


def touch(connection: Connection, customer_ids: Iterable[str]) -> None:
    """Notes that something changed of customers which carries no number of its own."""
    ids = sorted(set(customer_ids))
    if not ids:
        return
    latest = select(func.coalesce(func.max(RUNS.c.run_id), 0)).scalar_subquery()
    for block in each_block(CUSTOMERS.c.customer_id, ids):
        connection.execute(CUSTOMERS.update().where(block).values(touched=latest))


def last_event(connection: Connection) -> int:
    """Returns the number of the event that was stored last, 0 if there is none."""
    return int(connection.scalar(select(func.max(EVENTS.c.sequence))) or 0)


def changed_customers(connection: Connection, before: Run, since: int) -> set[str]:
    """Returns who has events or attributes that became known after a moment, or that a run had not seen.

    Parameters
    ----------
    before
        The last run; what was stored after it began counts, whenever it took place.
    since
        UTC microseconds.
    """
    e, d, c = EVENTS.c, DATED_ATTRIBUTES.c, CUSTOMERS.c
    queries: list[Any] = [
        select(e.customer_id).where(e.sequence > before.events_seen),
        select(e.customer_id).where(or_(e.timestamp > since, e.known_at > since)),
        select(d.customer_id).where(d.valid_from > since),
        select(c.customer_id).where(c.touched >= before.run_id),
    ]
    return {name for query in queries for name in connection.scalars(query.distinct())}

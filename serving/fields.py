"""Which extra fields of events and customers the store knows, each of one kind for good."""

from sqlalchemy import Connection, select

from features.errors import StoreError
from serving.database import Database
from serving.rows import Kinds
from serving.tables import FIELDS

EVENT_FIELD, CUSTOMER_FIELD, DATED_FIELD = "event", "customer", "dated"
OTHER = {CUSTOMER_FIELD: DATED_FIELD, DATED_FIELD: CUSTOMER_FIELD}
"""An attribute either holds at any time or from a date on; in a log it has one column."""


def declare(database: Database, connection: Connection, scope: str, kinds: Kinds) -> None:
    """Makes sure that each extra field is known and of one kind for good.

    Raises
    ------
    StoreError
        If a field held texts so far and holds numbers now, had no dates so far and has some now, or the other way.
    """
    fields = [{"scope": scope, "name": name, "kind": kind} for name, kind in kinds.items()]
    database.add_missing(connection, FIELDS, fields)
    known = kinds_of(connection, scope)
    for name, kind in kinds.items():
        if known[name] != kind:
            raise StoreError(f"'{name}' has held {known[name]}s so far, not {kind}s; give it another name")
    taken = kinds_of(connection, OTHER[scope]).keys() & kinds.keys() if scope in OTHER else set()
    if taken:
        had, has = ("dates", "none") if scope == CUSTOMER_FIELD else ("no dates", "some")
        raise StoreError(f"attribute '{min(taken)}' has had {had} so far and has {has} now; give it another name")


def kinds_of(connection: Connection, scope: str) -> Kinds:
    """Returns the kinds of the fields of a scope, in the order they were declared."""
    query = select(FIELDS.c.name, FIELDS.c.kind).where(FIELDS.c.scope == scope).order_by(FIELDS.c.sequence)
    return {row.name: row.kind for row in connection.execute(query)}

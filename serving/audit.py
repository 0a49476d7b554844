"""The audit log: who did what to keys and customers. It only grows, and names no customer."""

import hashlib
import hmac
import json
from typing import Any

from sqlalchemy import Connection, func, select

from serving.tables import ABOUT, AUDIT

ERASE = "customer.erase"
"""The action that takes a customer out of everything."""


def write_audit(
    connection: Connection, at: int, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Adds an entry, in the transaction of what it tells about.

    Parameters
    ----------
    at
        UTC microseconds.
    actor
        The id of the key that asked for it, or ``loopback`` or ``command line``.
    subject
        The id of a key, the name of a segment, or ``hashed`` for a customer.
    """
    entry = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": json.dumps(detail or {})}
    connection.execute(AUDIT.insert().values(entry))


def read_audit(connection: Connection) -> list[dict[str, Any]]:
    """Returns every entry, the oldest first."""
    rows = connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)).mappings()
    return [{**row, "detail": json.loads(row["detail"])} for row in rows]


def last_erasure(connection: Connection) -> int | None:
    """Returns the number of the last erasure's entry: if it is another than before, somebody is gone since."""
    found: int | None = connection.scalar(select(func.max(AUDIT.c.sequence)).where(AUDIT.c.action == ERASE))
    return found


def hashed(connection: Connection, customer_id: str) -> str:
    """Returns the hash that stands for a customer in the audit log, with the salt of this store."""
    return hmac.new(salt_of(connection), customer_id.encode(), hashlib.sha256).hexdigest()


def salt_of(connection: Connection) -> bytes:
    """Returns what makes the hashes of this store its own."""
    return bytes.fromhex(connection.scalar(select(ABOUT.c.value).where(ABOUT.c.name == "salt")) or "")

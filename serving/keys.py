"""API keys: random, shown once, kept as a hash; each opens the routes of its scopes."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from features.errors import ConfigError, did_you_mean
from features.timestamps import to_iso
from serving.audit import write_audit
from serving.database import Database
from serving.tables import KEYS

INGEST, SCORE, ADMIN = "ingest", "score", "admin"
SCOPES = (INGEST, SCORE, ADMIN)
START = "ns_"  # lets programs that look for leaked secrets know one


@dataclass(frozen=True)
class Key:
    """What is known of a key; the key itself is not."""

    key_id: str
    name: str
    digest: str = field(repr=False)
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None

    def is_opened_by(self, secret: str) -> bool:
        """Says whether a text is this key; takes as long for a wrong one."""
        return self.revoked_at is None and hmac.compare_digest(self.digest, _digest(secret))

    def describe(self) -> str:
        """Returns one line, without anything secret."""
        end = "" if self.revoked_at is None else f", revoked {to_iso(self.revoked_at)}"
        return f"{self.key_id}  {', '.join(self.scopes)}  {self.name!r}  created {to_iso(self.created_at)}{end}"


def create_key(database: Database, name: str, scopes: Sequence[str], now: int, actor: str) -> str:
    """Makes a key and returns it: the only time that it is seen.

    Parameters
    ----------
    now
        UTC microseconds.
    actor
        As for ``write_audit``.

    Raises
    ------
    ConfigError
        If there is no scope, or an unknown one.
    """
    if not scopes:
        raise ConfigError(f"a key needs a scope; give one or more of {', '.join(SCOPES)}")
    for scope in scopes:
        if scope not in SCOPES:
            raise ConfigError(f"'{scope}' is no scope; {did_you_mean(scope, SCOPES)}")
    key_id = secrets.token_hex(4)
    secret = f"{START}{key_id}_{secrets.token_urlsafe(32)}"
    kept = " ".join(scope for scope in SCOPES if scope in scopes)
    row = {"key_id": key_id, "name": name, "digest": _digest(secret), "scopes": kept, "created_at": now}
    with database.writing() as connection:
        connection.execute(KEYS.insert().values(row))
        write_audit(connection, now, actor, "key.create", key_id, {"scopes": kept.split()})
    return secret


def list_keys(database: Database) -> list[Key]:
    """Returns every key, the oldest first, revoked ones included."""
    with database.reading() as connection:
        rows = connection.execute(select(KEYS).order_by(KEYS.c.created_at, KEYS.c.key_id)).mappings().all()
    return [Key(**{**row, "scopes": tuple(row["scopes"].split())}) for row in rows]


def revoke_key(database: Database, key_id: str, now: int, actor: str) -> None:
    """Makes a key useless for good.

    Raises
    ------
    ConfigError
        If there is no such key that works.
    """
    c = KEYS.c
    with database.writing() as connection:
        change = KEYS.update().where(c.key_id == key_id, c.revoked_at.is_(None)).values(revoked_at=now)
        if connection.execute(change).rowcount == 0:
            working = connection.scalars(select(c.key_id).where(c.revoked_at.is_(None)))
            raise ConfigError(f"no key '{key_id}' that works; {did_you_mean(key_id, working)}")
        write_audit(connection, now, actor, "key.revoke", key_id)


def key_id_of(secret: str) -> str | None:
    """Returns the id that a key carries; None for a text that is no key."""
    parts = secret.removeprefix(START).split("_", 1)
    return parts[0] if secret.startswith(START) and len(parts) == 2 else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()  # 256 random bits need no slow hash

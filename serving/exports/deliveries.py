"""What was delivered to whom: a journal on disk, so that a push that is cut off goes on without repeating."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

TABLES = """
CREATE TABLE IF NOT EXISTS delivered (receiver TEXT, customer TEXT, digest TEXT, PRIMARY KEY (receiver, customer));
CREATE TABLE IF NOT EXISTS underway (receiver TEXT, key TEXT, request TEXT, PRIMARY KEY (receiver, key));
CREATE TABLE IF NOT EXISTS progress (receiver TEXT, key TEXT, note TEXT, PRIMARY KEY (receiver, key));
DELETE FROM progress WHERE key NOT IN (SELECT key FROM underway);
"""


class Request(NamedTuple):
    """A request and whom it concerns.

    Parameters
    ----------
    key
        The same when it is sent again: the receiver can tell a repetition by it.
    body
        Its text.
    digests
        Customers and what is said of each.
    """

    key: str
    body: str
    digests: dict[str, str]


@dataclass(frozen=True)
class Progress:
    """How far one request has come."""

    journal: "Deliveries"
    request: Request

    @property
    def note(self) -> str | None:
        """What was noted last; none for a request that is new."""
        return self.journal.noted(self.request)

    def write(self, note: str) -> None:
        """Notes how far it has come."""
        self.journal.note(self.request, note)


class Deliveries:
    """The journal of one receiver; a request is written down before it is sent and what was taken after it.

    Parameters
    ----------
    path
        An SQLite file.
    receiver
        To whom: the tool and its address.
    """

    def __init__(self, path: Path, receiver: str) -> None:
        self._receiver = receiver
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("PRAGMA secure_delete = ON")
        self._database.executescript(TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def is_known(self, customer: str, digest: str) -> bool:
        """Says whether the receiver has been told exactly this of a customer."""
        query = "SELECT 1 FROM delivered WHERE receiver = ? AND customer = ? AND digest = ?"
        return self._database.execute(query, (self._receiver, customer, digest)).fetchone() is not None

    def underway(self) -> list[Request]:
        """Returns requests of which nobody knows whether they arrived: they are sent again under their old key."""
        query = "SELECT request FROM underway WHERE receiver = ? ORDER BY rowid"
        return [Request(*json.loads(text)) for (text,) in self._database.execute(query, (self._receiver,)).fetchall()]

    def give_up(self, customers: Collection[str]) -> None:
        """Forgets requests that were cut off and concern one of some customers: those may no longer be told of.

        The others in them are told again.
        """
        for request in self.underway():
            if not request.digests.keys().isdisjoint(customers):
                self.end(request, request.digests)

    def begin(self, request: Request) -> None:
        """Writes down that a request is about to be sent."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO underway VALUES (?, ?, ?)", (self._receiver, request.key, json.dumps(request))
            )

    def noted(self, request: Request) -> str | None:
        """Returns how far a request had come when it was last noted."""
        query = "SELECT note FROM progress WHERE receiver = ? AND key = ?"
        found = self._database.execute(query, (self._receiver, request.key)).fetchone()
        return None if found is None else str(found[0])

    def note(self, request: Request, note: str) -> None:
        """Writes down how far a request has come: a receiver that takes it in several steps goes on from there."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (self._receiver, request.key, note)
            )

    def end(self, request: Request, refused: Iterable[str] = ()) -> None:
        """Writes down that a request was answered, and which of its customers were not taken."""
        not_taken = set(refused)
        taken = [(self._receiver, who, digest) for who, digest in request.digests.items() if who not in not_taken]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?)", taken)
            for table in ("underway", "progress"):
                query = f"DELETE FROM {table} WHERE receiver = ? AND key = ?"  # noqa: S608 - names of our own
                self._database.execute(query, (self._receiver, request.key))


def digest_of(value: Any) -> str:
    """Returns a short text that equal data share."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]

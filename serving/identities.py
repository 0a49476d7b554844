"""Which ids belong to one customer, and since when that is known: nothing is moved to before it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Case, Connection, bindparam, case, or_, select

from serving.changes import note_changes
from serving.database import Database, Row, each_block, run_blocks
from serving.runs import customers_among
from serving.tables import ALIASES, CONSENTS, CUSTOMERS, EVENTS

NEVER = 2**62  # microseconds; some ages from now

Alias = tuple[str, int, str]
"""The id used before, since when the other is known in UTC microseconds, and the id used from then on."""


@dataclass(eq=False)
class Identities:
    """The aliases that a batch of messages can meet; grows as the batch is read."""

    aliases: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    learnt: list[Alias] = field(default_factory=list)

    @classmethod
    def known(cls, connection: Connection, ids: Iterable[str]) -> "Identities":
        """Returns the aliases of some ids, and of the ids that these lead to."""
        identities = cls()
        read, unread = set[str](), set(ids)
        while unread:
            found = _read(connection, sorted(unread))
            for previous, since, customer in found:
                identities.aliases.setdefault(previous, []).append((since, customer))
            read |= unread
            unread = {customer for _, _, customer in found} - read
        return identities

    def learn(self, previous_id: str, since: int, customer_id: str) -> None:
        """Takes note that an id belongs to another from a moment on, unless that is known or would go in a circle."""
        if self.resolve(previous_id, since) != self.resolve(customer_id, since):
            self.aliases.setdefault(previous_id, []).append((since, customer_id))
            self.learnt.append((previous_id, since, customer_id))

    def resolve(self, name: str, moment: int) -> str:
        """Returns the id that what happens to ``name`` at a moment is filed under."""
        seen = {name}
        while links := [link for link in self.aliases.get(name, ()) if link[0] <= moment]:
            name = max(links)[1]
            if name in seen:
                break
            seen.add(name)
        return name


def write_aliases(database: Database, connection: Connection, identities: Identities) -> int:
    """Keeps what was learnt, files what is stored under these ids as it says, and returns how many aliases are new.

    Events and consents that came before their alias go to its customer from its moment on, as those that come after it.
    """
    rows = [dict(zip(("previous_id", "since", "customer_id"), alias, strict=True)) for alias in identities.learnt]
    if rows:
        database.add_missing(connection, ALIASES, rows)
        moved = customers_among(connection, EVENTS, sorted(_follow(connection, identities)))
        blank: list[Row] = [{"customer_id": name, "attributes": "{}"} for name in sorted(moved)]
        database.add_missing(connection, CUSTOMERS, blank)
        previous = {name for name, _, _ in identities.learnt}
        note_changes(connection, previous | all_leading(connection, previous))  # who they lead to may have opted out
    return len(rows)


def _follow(connection: Connection, identities: Identities) -> set[str]:
    """Files stored events and consents anew, those under the ids just learnt of and under the ids these lead to.

    Returns every id that may have lost or got some.
    """
    ids = {previous for previous, _, _ in identities.learnt}
    done: set[str] = set()
    concerned: set[str] = set()
    while ids:
        spans = [span for name in sorted(ids) for span in _spans(name, identities.aliases[name])]
        for table, moment in ((EVENTS, _joined()), (CONSENTS, CONSENTS.c.at)):
            moved = table.update().where(table.c.customer_id == bindparam("previous"))
            within = moved.where(moment >= bindparam("since"), moment < bindparam("until"))
            run_blocks(connection, within.values(customer_id=bindparam("customer")), spans)
        done |= ids
        concerned |= {span[end] for span in spans for end in ("previous", "customer")}
        ids = {span["customer"] for span in spans if span["customer"] in identities.aliases} - done
    return concerned


def _spans(name: str, links: list[tuple[int, str]]) -> list[Row]:
    """Returns whose an id is from when until when."""
    ordered = sorted(links)
    ends = [since for since, _ in ordered[1:]] + [NEVER]
    return [
        {"previous": name, "since": since, "until": until, "customer": customer}
        for (since, customer), until in zip(ordered, ends, strict=True)
    ]


def _joined() -> Case[Any]:
    """Returns when an event joins its customer's history."""
    return case((EVENTS.c.known_at > EVENTS.c.timestamp, EVENTS.c.known_at), else_=EVENTS.c.timestamp)


def all_aliases(connection: Connection) -> list[Alias]:
    """Returns every alias, in the order of ids and times."""
    c = ALIASES.c
    query = select(c.previous_id, c.since, c.customer_id).order_by(c.previous_id, c.since)
    return [tuple(row) for row in connection.execute(query)]


def all_ids(connection: Connection, customer_id: str) -> list[str]:
    """Returns a customer's id and every one that leads to it."""
    c, found, unread = ALIASES.c, [customer_id], [customer_id]
    while unread:
        rows = connection.scalars(select(c.previous_id).where(c.customer_id.in_(unread)))
        unread = [name for name in dict.fromkeys(rows) if name not in found]
        found += unread
    return found


def all_leading(connection: Connection, customer_ids: Iterable[str]) -> frozenset[str]:
    """Returns every id that leads to one of some customers, without these."""
    c, given = ALIASES.c, frozenset(customer_ids)
    found, unread = set[str](), given
    while unread:
        blocks = each_block(c.customer_id, sorted(unread))
        rows = {name for block in blocks for name in connection.scalars(select(c.previous_id).where(block))}
        unread = frozenset(rows - found - given)
        found |= unread
    return frozenset(found)


def led_to(connection: Connection, customer_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Returns for each of some ids every other that it ever led to, at once or by others."""
    aliases = Identities.known(connection, customer_ids).aliases
    return {name: _reached(aliases, name) for name in customer_ids}


def _reached(aliases: Mapping[str, Sequence[tuple[int, str]]], name: str) -> frozenset[str]:
    found, unread = {name}, [name]
    while unread:
        further = {customer for _, customer in aliases.get(unread.pop(), ())} - found
        found |= further
        unread += further
    return frozenset(found - {name})


def read_aliases(connection: Connection, ids: Sequence[str]) -> list[Alias]:
    """Returns the aliases that any of some ids is part of."""
    c = ALIASES.c
    query = select(c.previous_id, c.since, c.customer_id).where(or_(c.previous_id.in_(ids), c.customer_id.in_(ids)))
    return [tuple(row) for row in connection.execute(query.order_by(c.since))]


def _read(connection: Connection, ids: Sequence[str]) -> list[Alias]:
    c = ALIASES.c
    query = select(c.previous_id, c.since, c.customer_id).order_by(c.since)
    return [tuple(row) for block in each_block(c.previous_id, ids) for row in connection.execute(query.where(block))]

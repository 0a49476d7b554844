"""Everything that the store holds about one customer: to hand over, or to erase without a trace."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from features.ingest import VALID_FROM
from features.timestamps import to_iso
from serving.attributes import describe_attributes
from serving.audit import ERASE, hashed, write_audit
from serving.campaigns.members import describe_memberships
from serving.changes import EVERYBODY
from serving.consents import read_consents
from serving.database import Database
from serving.errors import UnknownCustomerError
from serving.exports.leftovers import erase_deliveries, erase_exports
from serving.identities import all_ids, read_aliases
from serving.tables import (
    ABOUT,
    ALIASES,
    CAMPAIGN_MEMBERS,
    CHANGES,
    CONSENTS,
    CUSTOMERS,
    DATED_ATTRIBUTES,
    ESTIMATES,
    EVENTS,
    LEADERS,
    PERSONAS,
    RUNS,
    SCORES,
    SEGMENT_MEMBERS,
    SHADOW_SCORES,
)
from serving.written_scores import erase_from_files

PERSONAL: tuple[Table, ...] = (
    EVENTS,
    CUSTOMERS,
    DATED_ATTRIBUTES,
    CONSENTS,
    SCORES,
    SEGMENT_MEMBERS,
    LEADERS,
    PERSONAS,
    CAMPAIGN_MEMBERS,
    SHADOW_SCORES,
    ESTIMATES,
)
"""The tables with a row per customer and thing known; aliases name two customers and come on top."""
ERASING = "erasing"  # noted until the files are overwritten, for a process may end before


@dataclass(frozen=True)
class Receipt:
    """What was erased; it does not name the customer.

    Parameters
    ----------
    customer_hash
        By which the entry in the audit log can be found again, if the id is known.
    erased
        How many rows of each table, of tables in files, and of the journal of pushes; and of exported files, which
        are deleted, the number.
    """

    receipt: str
    customer_hash: str
    erased_at: str
    erased: dict[str, int]


def export_customer(database: Database, customer_id: str, now: int, actor: str) -> dict[str, Any]:
    """Returns all that the store holds about a customer, ids used before included, and notes in the audit log that.

    Raises
    ------
    UnknownCustomerError
        If the store holds nothing.
    """
    with database.writing() as connection:
        ids = _held(connection, customer_id)
        write_audit(connection, now, actor, "customer.export", hashed(connection, customer_id))
        return {
            "customer_id": customer_id,
            "exported_at": to_iso(now),
            "aliases": [
                {"previous_id": previous, "since": to_iso(since), "customer_id": name}
                for previous, since, name in read_aliases(connection, ids)
            ],
            "records": [_everything(connection, name) for name in ids],
        }


def erase_customer(database: Database, customer_id: str, now: int, actor: str) -> Receipt:
    """Erases a customer with every id used before, and returns the receipt; no byte of the ids stays in the files.

    Raises
    ------
    UnknownCustomerError
        If neither the store nor a file beside it holds anything.
    StoreError
        If the files are in use for so long that they cannot be overwritten; the next erasure or start does it.
    """
    try:
        with database.writing() as connection:
            ids = all_ids(connection, customer_id)
            erased = _erase(connection, ids)
            erased |= _erase_beside(database.folder, ids)
            if not any(erased.values()):
                raise unknown_customer(customer_id)
            erased["exported_files"] = erase_exports(database.folder) if database.folder else 0
            receipt = Receipt(secrets.token_hex(16), hashed(connection, customer_id), to_iso(now), erased)
            facts = asdict(receipt)
            write_audit(connection, now, actor, ERASE, facts.pop("customer_hash"), facts)
            database.add_missing(connection, ABOUT, [{"name": ERASING, "value": to_iso(now)}])
    finally:
        finish_erasures(database)
    return receipt


def finish_erasures(database: Database) -> None:
    """Makes sure that no byte is left of what was deleted, unless that is so already."""
    with database.reading() as connection:
        begun = connection.scalar(select(ABOUT.c.value).where(ABOUT.c.name == ERASING))
    if begun is not None:
        database.forget_deleted()
        with database.writing() as connection:
            connection.execute(ABOUT.delete().where(ABOUT.c.name == ERASING, ABOUT.c.value == begun))


def _erase(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    erased = {table.name: _delete(connection, table, ids) for table in PERSONAL}
    # the ids themselves must not be noted as changed, so everybody is
    _delete(connection, CHANGES, [*ids, EVERYBODY])
    connection.execute(CHANGES.insert().values(customer_id=EVERYBODY))
    either = ALIASES.c.previous_id.in_(ids) | ALIASES.c.customer_id.in_(ids)
    return {**erased, ALIASES.name: connection.execute(ALIASES.delete().where(either)).rowcount}


def _erase_beside(folder: Path | None, ids: Sequence[str]) -> dict[str, int]:
    """Erases customers from what lies beside the file of the store."""
    if folder is None:
        return {"rows_of_files": 0, "pushes": 0}
    return {"rows_of_files": erase_from_files(folder, ids), "pushes": erase_deliveries(folder, ids)}


def _held(connection: Connection, customer_id: str) -> list[str]:
    """Returns the ids of a customer, if anything is known of one of them."""
    ids = all_ids(connection, customer_id)
    held = (connection.execute(select(table.c.customer_id).where(table.c.customer_id.in_(ids))) for table in PERSONAL)
    if len(ids) == 1 and not any(rows.first() for rows in held):
        raise unknown_customer(customer_id)
    return ids


def unknown_customer(customer_id: str) -> UnknownCustomerError:
    """Returns the error about an id of which nothing is known."""
    return UnknownCustomerError(f"the store holds nothing about customer {customer_id!r}; check the id")


def _delete(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    return connection.execute(table.delete().where(table.c.customer_id.in_(ids))).rowcount


def _everything(connection: Connection, name: str) -> dict[str, Any]:
    known = describe_attributes(connection, name)
    return {
        "customer_id": name,
        "events": describe_events(connection, name),
        "attributes": known["attributes"],
        "dated_attributes": [
            {VALID_FROM: to_iso(change[VALID_FROM]), "attributes": change["attributes"]}
            for change in known["dated_attributes"]
        ],
        "consents": [
            {"decision": consent.decision, "at": to_iso(consent.at), "source": consent.source}
            for consent in read_consents(connection, [name])
        ],
        "scores": _scores(connection, name),
        "segments": _segments(connection, name),
        "leading": _leading(connection, name),
        "persona": connection.scalar(select(PERSONAS.c.persona).where(PERSONAS.c.customer_id == name)),
        "campaigns": describe_memberships(connection, name),
        "challenger_scores": _challenger_scores(connection, name),
        "estimates": json.loads(
            connection.scalar(select(ESTIMATES.c.estimates).where(ESTIMATES.c.customer_id == name)) or "{}"
        ),
    }


def describe_events(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    """Returns the events of a customer as they came, in the words of the EventLog, the oldest first."""
    c = EVENTS.c
    rows = connection.execute(select(EVENTS).where(c.customer_id == customer_id).order_by(c.timestamp, c.sequence))
    return [
        {
            "timestamp": to_iso(row.timestamp),
            "known_at": None if row.known_at is None else to_iso(row.known_at),
            "event": row.event,
            "channel": row.channel,
            "value": row.value,
            "event_id": row.event_id,
            "extra": json.loads(row.extra) if row.extra else {},
            "revision": row.revision,
        }
        for row in rows
    ]


def _scores(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    c = RUNS.c
    query = select(c.model_name, c.model_version, c.as_of, c.scored_at, SCORES.c.scores, SCORES.c.vectors)
    joined = query.join(SCORES, SCORES.c.run_id == c.run_id).where(SCORES.c.customer_id == customer_id)
    return [
        {
            "model": {"name": row.model_name, "version": row.model_version},
            "as_of": to_iso(row.as_of),
            "scored_at": to_iso(row.scored_at),
            "scores": json.loads(row.scores),
            "vectors": json.loads(row.vectors) if row.vectors else {},
        }
        for row in connection.execute(joined.order_by(c.run_id))
    ]


def _segments(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    c = SEGMENT_MEMBERS.c
    query = select(c.segment, c.place, c.score).where(c.customer_id == customer_id).order_by(c.segment, c.refresh)
    return [dict(row) for row in connection.execute(query).mappings()]


def _leading(connection: Connection, customer_id: str) -> list[dict[str, Any]]:
    """Returns in which runs a customer was listed among those most likely to leave a stage."""
    query = select(RUNS.c.as_of, LEADERS.c.stage, LEADERS.c.place).join(LEADERS, LEADERS.c.run_id == RUNS.c.run_id)
    rows = connection.execute(query.where(LEADERS.c.customer_id == customer_id).order_by(RUNS.c.run_id))
    return [{"as_of": to_iso(row.as_of), "stage": row.stage, "place": row.place} for row in rows]


def _challenger_scores(connection: Connection, name: str) -> list[dict[str, Any]]:
    c = SHADOW_SCORES.c
    rows = connection.execute(select(SHADOW_SCORES).where(c.customer_id == name).order_by(c.as_of))
    return [
        {"model": f"{row.model_name} {row.model_version}", "as_of": to_iso(row.as_of), "scores": json.loads(row.scores)}
        for row in rows
    ]

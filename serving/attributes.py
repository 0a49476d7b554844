"""What the store knows of customers besides events: attributes that hold at any time, and those that change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pandas as pd
from sqlalchemy import Connection, bindparam, select

from features.errors import EventLogError, RowName
from features.events import Dimension, EventLog
from features.ingest import CUSTOMER, VALID_FROM
from serving.database import Database, Row, each_block, run_blocks
from serving.fields import CUSTOMER_FIELD, DATED_FIELD, declare, kinds_of
from serving.rows import NUMBER, TEXT, Kinds, attribute_columns, dated_attributes
from serving.tables import CUSTOMERS, DATED_ATTRIBUTES

Record = Mapping[str, Any]
Dated = tuple[str, int, Record]
"""A customer, since when in UTC microseconds, and what holds from then on; what is not named stays as it was."""


def write_attributes(database: Database, connection: Connection, records: Mapping[str, Record], kinds: Kinds) -> None:
    """Sets attributes that hold at any time; those that a record does not name stay as they are."""
    blank = [{"customer_id": customer, "attributes": "{}"} for customer in records]
    database.add_missing(connection, CUSTOMERS, blank)
    declare(database, connection, CUSTOMER_FIELD, kinds)
    known = _standing(connection, list(records))
    merged = [
        {"id": customer, "merged": json.dumps({**known[customer], **record})} for customer, record in records.items()
    ]
    change = CUSTOMERS.update().where(CUSTOMERS.c.customer_id == bindparam("id"))
    run_blocks(connection, change.values(attributes=bindparam("merged")), merged)


def write_dated(database: Database, connection: Connection, records: Sequence[Dated], kinds: Kinds) -> None:
    """Adds attributes that hold from a date on; of two records of one customer and moment the later one counts."""
    customers = dict.fromkeys(customer for customer, _, _ in records)
    database.add_missing(connection, CUSTOMERS, [{"customer_id": name, "attributes": "{}"} for name in customers])
    declare(database, connection, DATED_FIELD, kinds)
    merged = {(customer, since): json.loads(text) for customer, since, text in _changes(connection, list(customers))}
    for customer, since, record in records:
        merged[customer, since] = {**merged.get((customer, since), {}), **record}
    c = DATED_ATTRIBUTES.c
    concerned = list(dict.fromkeys((customer, since) for customer, since, _ in records))
    replaced = [{"id": customer, "since": since} for customer, since in concerned]
    old = DATED_ATTRIBUTES.delete().where(c.customer_id == bindparam("id"), c.valid_from == bindparam("since"))
    run_blocks(connection, old, replaced)
    rows: list[Row] = [
        {"customer_id": customer, "valid_from": since, "attributes": json.dumps(merged[customer, since])}
        for customer, since in concerned
    ]
    run_blocks(connection, DATED_ATTRIBUTES.insert(), rows)


def write_traits(
    database: Database, connection: Connection, traits: Sequence[Dated], new: Kinds, row_name: RowName
) -> None:
    """Adds attributes from the dates on at which they were said, unless the store has them without dates.

    Parameters
    ----------
    new
        The kinds of attributes that the store does not know yet; one that is in neither has that of its first value.
    row_name
        How to call each of the traits in an error.

    Raises
    ------
    EventLogError
        If the attribute holds numbers and a value is none.
    """
    standing, dated = kinds_of(connection, CUSTOMER_FIELD), kinds_of(connection, DATED_FIELD)
    kinds = {**new, **dated, **standing}
    lasting: dict[str, Row] = {}
    changes: list[Dated] = []
    for place, (customer, since, given) in enumerate(traits):
        for name, value in given.items():
            kinds.setdefault(name, TEXT if isinstance(value, str) else NUMBER)
        record = {name: _fitted(value, kinds[name], name, row_name(place)) for name, value in given.items()}
        if always := {name: value for name, value in record.items() if name in standing}:
            lasting.setdefault(customer, {}).update(always)
        if changed := {name: value for name, value in record.items() if name not in standing}:
            changes.append((customer, since, changed))
    if lasting:
        write_attributes(database, connection, lasting, {})
    if changes:
        write_dated(database, connection, changes, {name: kinds[name] for name in kinds if name not in standing})


def with_attributes(connection: Connection, log: EventLog, customer_ids: Sequence[str] | None) -> EventLog:
    """Returns a log with what is known of its customers, who are those of these ids, or all."""
    kinds, dated_kinds = kinds_of(connection, CUSTOMER_FIELD), kinds_of(connection, DATED_FIELD)
    if kinds:
        known = _standing(connection, customer_ids)
        records = [known.get(customer, {}) for customer in log.customers.tolist()]
        log = replace(log, attributes=attribute_columns(records, kinds))
    if dated_kinds:
        log = replace(log, dated=dated_attributes(read_dated(connection, customer_ids), dated_kinds, log.customers))
    return log


def attributes_at(connection: Connection, moment: int) -> pd.DataFrame | None:
    """Returns what was known of every customer at a moment, UTC microseconds; None if nothing is ever told of any."""
    kinds = {**kinds_of(connection, DATED_FIELD), **kinds_of(connection, CUSTOMER_FIELD)}
    if not kinds:
        return None
    known = _standing(connection, None)
    for customer, since, held in read_dated(connection, None):
        if since <= moment:
            known[customer] = {**known.get(customer, {}), **held}
    columns = attribute_columns(list(known.values()), kinds)
    plain = {name: column.texts() if isinstance(column, Dimension) else column for name, column in columns.items()}
    return pd.DataFrame({CUSTOMER: list(known), **plain})


def read_dated(connection: Connection, customer_ids: Sequence[str] | None) -> list[Dated]:
    """Returns, for each change, everything that holds from then on; in the order of customers and time."""
    dated: list[Dated] = []
    for customer, since, text in sorted(_changes(connection, customer_ids)):
        before = dated[-1][2] if dated and dated[-1][0] == customer else {}
        dated.append((customer, since, {**before, **json.loads(text)}))
    return dated


def describe_attributes(connection: Connection, customer_id: str) -> dict[str, Any]:
    """Returns what is known of a customer, plain, with the changes of dated attributes."""
    return {
        "attributes": _standing(connection, [customer_id]).get(customer_id, {}),
        "dated_attributes": [
            {VALID_FROM: since, "attributes": json.loads(text)}
            for _, since, text in sorted(_changes(connection, [customer_id]))
        ],
    }


def _fitted(value: str | float | None, kind: str, name: str, row: str) -> str | float | None:
    """Returns a trait as the attribute's kind."""
    if value is None:
        return None
    if kind == TEXT:
        return value if isinstance(value, str) else f"{value:g}"
    try:
        return float(value)
    except ValueError:
        raise EventLogError(f"{row}: trait '{name}' has held numbers so far, not {value!r:.40}; rename it") from None


def _standing(connection: Connection, customer_ids: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    query = select(CUSTOMERS.c.customer_id, CUSTOMERS.c.attributes)
    blocks = each_block(CUSTOMERS.c.customer_id, customer_ids)
    found = (row for block in blocks for row in connection.execute(query.where(block)).all())
    return {customer: msgspec.json.decode(text) for customer, text in found}


def _changes(connection: Connection, customer_ids: Sequence[str] | None) -> list[tuple[str, int, str]]:
    c = DATED_ATTRIBUTES.c
    query = select(c.customer_id, c.valid_from, c.attributes)
    blocks = each_block(c.customer_id, customer_ids)
    return [tuple(row) for block in blocks for row in connection.execute(query.where(block))]

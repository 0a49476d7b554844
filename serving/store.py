"""The live store: every event, what is known of each customer, and every score that was given."""

import json
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import pandas as pd
from sqlalchemy import ColumnElement, Connection, bindparam, false, func, or_, select, true

from features.errors import RowName, StoreError, numbered_row
from features.events import EventLog
from features.ingest import Schema, log_from_columns
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving.errors import UnknownCustomerError
from serving.rows import (
    Kinds,
    Row,
    attribute_records,
    attribute_table,
    event_columns,
    event_kinds,
    event_rows,
    joined_at,
)
from serving.tables import CUSTOMERS, EVENTS, FIELDS, INSERTS, SCORES, Insert, open_database

BLOCK = 5_000  # ids or rows per statement; databases limit the values of one
EVENT_FIELD, CUSTOMER_FIELD = "event", "customer"


class Store:
    """Events, customers and scores in one database; every change happens as a whole or not at all.

    Parameters
    ----------
    url
        An SQLAlchemy address, such as ``sqlite:///nextstage.db``.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    def add(self, frame: pd.DataFrame, schema: Schema | None = None, row_name: RowName = numbered_row) -> int:
        """Stores the events of a frame and returns how many are new; one with a known ``event_id`` is not.

        Of two copies the one that joined the history earlier is kept, in whatever order they come.

        Parameters
        ----------
        frame, schema, row_name
            As for ``features.ingest.log_from_frame``.

        Raises
        ------
        EventLogError
            If the frame is empty, a column is missing, or a cell cannot be read; nothing is stored then.
        StoreError
            If an extra column held texts so far and holds numbers now, or the other way round.
        """
        schema = schema or Schema()
        rows = event_rows(frame, schema, row_name)
        customers = [{"customer_id": name, "attributes": "{}"} for name in {row["customer_id"]: None for row in rows}]
        with self._engine.begin() as connection:
            self._add_missing(connection, self._insert(CUSTOMERS), customers)
            self._declare(connection, EVENT_FIELD, event_kinds(schema))
            replaced = self._remove_later_copies(connection, rows)
            return self._add_missing(connection, self._insert(EVENTS), rows) - replaced

    def set_attributes(self, table: pd.DataFrame) -> None:
        """Sets the attributes of the customers in a table; attributes it has no column for stay as they are.

        Parameters
        ----------
        table
            One row per ``customer_id``; every other column is an attribute.

        Raises
        ------
        EventLogError
            If the table has no customer_id or lists one twice; nothing is stored then.
        StoreError
            If an attribute held texts so far and holds numbers now, or the other way round.
        """
        records, kinds = attribute_records(table)
        if not records:
            return
        blank = [{"customer_id": customer, "attributes": "{}"} for customer in records]
        change = CUSTOMERS.update().where(CUSTOMERS.c.customer_id == bindparam("id"))
        with self._engine.begin() as connection:
            self._add_missing(connection, self._insert(CUSTOMERS), blank)  # a write first: it takes the lock
            self._declare(connection, CUSTOMER_FIELD, kinds)
            known = self._attributes(connection, list(records))
            merged = [
                {"id": customer, "attributes": json.dumps({**known[customer], **record})}
                for customer, record in records.items()
            ]
            connection.execute(change.values(attributes=bindparam("attributes")), merged)

    def log(self, customer_ids: Sequence[str] | None = None) -> EventLog:
        """Returns the EventLog of some customers, or of all, as ``log_from_frame`` would make it of the same rows.

        Raises
        ------
        UnknownCustomerError
            If there is no event of a customer.
        StoreError
            If there is no event at all.
        """
        with self._engine.connect() as connection:
            rows = self._events(connection, customer_ids)
            kinds = self._kinds(connection, EVENT_FIELD)
            attribute_kinds = self._kinds(connection, CUSTOMER_FIELD)
            attributes = self._attributes(connection, customer_ids) if attribute_kinds else {}
        if customer_ids is not None:
            _check_all_known(customer_ids, rows)
        if not rows:
            raise StoreError("the event store is empty; add events first")
        columns = event_columns(rows, kinds)
        table = attribute_table(attributes, attribute_kinds) if attribute_kinds else None
        return log_from_columns(columns, int(columns.time.max()), table)

    def customers(self) -> list[str]:
        """Returns the sorted ids of all customers that have events."""
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(EVENTS.c.customer_id).distinct()))

    def count(self) -> int:
        """Returns the number of events."""
        with self._engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(EVENTS)) or 0)

    def add_scores(self, scores: Scores, model: RegisteredPredictor, scored_at: int) -> None:
        """Keeps the scores of one run, one row per customer.

        Parameters
        ----------
        scored_at
            When the run took place, UTC microseconds.
        """
        columns = scores.columns()
        rows = [
            {
                "customer_id": customer,
                "model_name": model.name,
                "model_version": model.version,
                "as_of": as_of,
                "scored_at": scored_at,
                "scores": json.dumps(dict(zip(columns, row, strict=True)), allow_nan=False),
            }
            for customer, as_of, row in zip(
                scores.customer_id.tolist(), scores.as_of.tolist(), zip(*columns.values(), strict=True), strict=True
            )
        ]
        with self._engine.begin() as connection:
            for first in range(0, len(rows), BLOCK):
                connection.execute(SCORES.insert(), rows[first : first + BLOCK])

    def _insert(self, table: Any) -> Insert:
        insert: Insert = INSERTS[self._engine.dialect.name](table)
        return insert

    @staticmethod
    def _add_missing(connection: Connection, insert: Insert, rows: list[Row]) -> int:
        """Inserts the rows whose key is new and returns their number."""
        statement = insert.on_conflict_do_nothing()
        blocks = (rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK))
        return sum(connection.execute(statement, block).rowcount for block in blocks)

    @staticmethod
    def _remove_later_copies(connection: Connection, rows: list[Row]) -> int:
        """Removes stored events that come again with an earlier time, and returns their number."""
        earlier = or_(EVENTS.c.timestamp > bindparam("joined"), EVENTS.c.known_at > bindparam("joined"))
        statement = EVENTS.delete().where(EVENTS.c.event_id == bindparam("name"), earlier)
        named = [{"name": row["event_id"], "joined": joined_at(row)} for row in rows if row["event_id"] is not None]
        blocks = (named[first : first + BLOCK] for first in range(0, len(named), BLOCK))
        return sum(connection.execute(statement, block).rowcount for block in blocks)

    def _declare(self, connection: Connection, scope: str, kinds: Kinds) -> None:
        """Makes sure that each extra field is known and of one kind for good."""
        fields = [{"scope": scope, "name": name, "kind": kind} for name, kind in kinds.items()]
        self._add_missing(connection, self._insert(FIELDS), fields)
        known = self._kinds(connection, scope)
        for name, kind in kinds.items():
            if known[name] != kind:
                raise StoreError(f"'{name}' has held {known[name]}s so far, not {kind}s; give it another name")

    @staticmethod
    def _kinds(connection: Connection, scope: str) -> Kinds:
        query = select(FIELDS.c.name, FIELDS.c.kind).where(FIELDS.c.scope == scope).order_by(FIELDS.c.sequence)
        return {row.name: row.kind for row in connection.execute(query)}

    @staticmethod
    def _attributes(connection: Connection, customer_ids: Sequence[str] | None) -> dict[str, dict[str, Any]]:
        query = select(CUSTOMERS.c.customer_id, CUSTOMERS.c.attributes)
        blocks = _blocks(CUSTOMERS.c.customer_id, customer_ids)
        found = (row for block in blocks for row in connection.execute(query.where(block)))
        return {customer: json.loads(text) for customer, text in found}

    @staticmethod
    def _events(connection: Connection, customer_ids: Sequence[str] | None) -> list[Any]:
        """Returns rows for ``event_columns``; those of one customer in the order they were stored."""
        c = EVENTS.c
        known = func.coalesce(c.known_at, c.timestamp)
        query = select(c.customer_id, c.timestamp, known, c.event, c.channel, c.value, c.extra).order_by(c.sequence)
        blocks = _blocks(c.customer_id, customer_ids)
        return [row for block in blocks for row in connection.execute(query.where(block)).all()]


def _blocks(column: ColumnElement[str], customer_ids: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """Returns conditions that together hold for exactly the rows of these customers."""
    if customer_ids is None:
        return [true()]
    ids = list(dict.fromkeys(customer_ids))
    return [column.in_(ids[first : first + BLOCK]) for first in range(0, len(ids), BLOCK)] or [false()]


def _check_all_known(customer_ids: Sequence[str], rows: list[Any]) -> None:
    found = {row[0] for row in rows}
    unknown = next((customer for customer in customer_ids if customer not in found), None)
    if unknown is not None:
        raise UnknownCustomerError(f"the store has no events of customer {unknown!r}; add them or give another id")

"""The event store: what customers did, who they are and how they were scored, in one database."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pandas as pd
from sqlalchemy import Connection, func, select

from features.errors import RowName, StoreError, numbered_row
from features.events import EventLog
from features.ingest import EVENT_ID, VALID_FROM, Schema, log_from_columns
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving.attributes import Dated, with_attributes, write_attributes, write_dated, write_traits
from serving.changes import last_change, noted_at_the_end
from serving.consents import Consent, suppressed, write_consents
from serving.database import Database, Row, each_block
from serving.errors import UnknownCustomerError
from serving.fields import EVENT_FIELD, declare, kinds_of
from serving.identities import Alias, Identities, all_aliases, write_aliases
from serving.reports.run_report import RunReport, add_report
from serving.rows import (
    Kinds,
    attribute_records,
    dated_records,
    event_columns,
    event_kinds,
    event_rows,
    joined_at,
)
from serving.runs import Run, begin_run, customers_among, finish_run, scored_customers, write_scores
from serving.tables import CUSTOMERS, EVENTS
from serving.versions import revise

MANY = 1_000
"""Events at once, from which on whose they are is noted at the end."""


class Added(NamedTuple):
    """How many events are new, and of how many stored ones the values changed."""

    new: int
    revised: int


class Store:
    """Events, customers and scores in one database; every change happens as a whole or not at all.

    Parameters
    ----------
    url
        An SQLAlchemy address, such as ``sqlite:///nextstage.db``.
    folder
        As for ``Database``.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.database = Database(url, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection."""
        self.database.close()

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
        with self.database.writing() as connection:
            return add_events(self.database, connection, rows, event_kinds(schema)).new

    def add_imported(self, frame: pd.DataFrame, schema: Schema) -> Added:
        """Stores the events of an import, filed under whom their ids are known to belong to.

        Of copies the one with the highest revision gives the values; the earliest time that one was known stays.

        Parameters
        ----------
        frame
            With the columns ``event_id`` and ``revision``, each id once.

        Raises
        ------
        StoreError
            If an extra column held texts so far and holds numbers now, or the other way round.
        """
        if frame.empty:
            return Added(0, 0)
        revisions = dict(zip(frame[EVENT_ID], frame["revision"].tolist(), strict=True))
        rows = event_rows(frame, schema, numbered_row)
        with self.database.writing() as connection:
            known = Identities.known(connection, {row["customer_id"] for row in rows})
            filed = [
                row
                | {
                    "customer_id": known.resolve(row["customer_id"], joined_at(row)),
                    "revision": revisions[row["event_id"]],
                }
                for row in rows
            ]
            return add_events(self.database, connection, filed, event_kinds(schema))

    def aliases(self) -> list[Alias]:
        """Returns every id that is known to belong to another, since when, and to whom."""
        with self.database.reading() as connection:
            return all_aliases(connection)

    def add_aliases(self, aliases: Iterable[Alias]) -> int:
        """Keeps aliases, gives their customers what is stored from each one's time on, and returns how many are new."""
        ordered = sorted(aliases, key=lambda alias: (alias[1], alias[0]))
        with self.database.writing() as connection:
            identities = Identities.known(
                connection, {name for previous, _, who in ordered for name in (previous, who)}
            )
            for previous, since, customer in ordered:
                identities.learn(previous, since, customer)
            return write_aliases(self.database, connection, identities)

    def add_consents(self, consents: Iterable[Consent]) -> None:
        """Keeps decisions, each once, filed under whom their ids were known to belong to then."""
        given = list(consents)
        with self.database.writing() as connection:
            known = Identities.known(connection, {each.customer_id for each in given})
            filed = [replace(each, customer_id=known.resolve(each.customer_id, each.at)) for each in given]
            write_consents(connection, filed)

    def add_traits(self, traits: Iterable[Dated], kinds: Kinds) -> None:
        """Adds attributes that hold from the moments on at which they were said.

        Parameters
        ----------
        kinds
            What each attribute holds that the store does not know yet.

        Raises
        ------
        EventLogError
            If the attribute holds numbers and a value is none; nothing is stored then.
        """
        given = list(traits)
        with self.database.writing() as connection:
            known = Identities.known(connection, {customer for customer, _, _ in given})
            filed = [(known.resolve(customer, since), since, record) for customer, since, record in given]
            write_traits(self.database, connection, filed, kinds, lambda place: f"customer {given[place][0]!r}")

    def set_attributes(self, table: pd.DataFrame, timezone: str | None = None) -> None:
        """Sets the attributes of the customers in a table; attributes it has no column for stay as they are.

        Parameters
        ----------
        table
            One row per ``customer_id``; every other column is an attribute. With a column ``valid_from`` a customer
            may have several rows, each of which holds from its time until the next one's.
        timezone
            The zone of a ``valid_from`` that carries none; None refuses it.

        Raises
        ------
        EventLogError
            If the table has no customer_id or lists one twice; nothing is stored then.
        StoreError
            If an attribute held texts so far and holds numbers now, had no dates so far and has some now, or the
            other way round.
        """
        if VALID_FROM in table.columns:
            dated, kinds = dated_records(table, timezone)
            with self.database.writing() as connection:
                write_dated(self.database, connection, dated, kinds)
            return
        records, kinds = attribute_records(table)
        with self.database.writing() as connection:
            write_attributes(self.database, connection, records, kinds)

    def log(self, customer_ids: Sequence[str] | None = None) -> EventLog:
        """Returns the EventLog of some customers, or of all, as ``log_from_frame`` would make it of the same rows.

        Raises
        ------
        UnknownCustomerError
            If there is no event of a customer.
        StoreError
            If there is no event at all.
        """
        with self.database.reading() as connection:
            return read_log(connection, customer_ids)

    def consented_log(self) -> EventLog:
        """Returns the EventLog of everybody who has not opted out, as if the others had never been there.

        Raises
        ------
        StoreError
            If there is no event at all, or everybody opted out.
        """
        opted_out = self.suppressed()
        if not opted_out:
            return self.log()
        consented = [customer for customer in self.customers() if customer not in opted_out]
        if not consented:
            raise StoreError("the event store holds nobody who has not opted out; add events of other customers")
        return self.log(consented)

    def customers(self, customer_ids: Sequence[str] | None = None) -> list[str]:
        """Returns the sorted ids of those of some customers, or of all, that have events."""
        with self.database.reading() as connection:
            return sorted(customers_among(connection, EVENTS, customer_ids))

    def count(self) -> int:
        """Returns the number of events."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(EVENTS)) or 0)

    def suppressed(self, customer_ids: Sequence[str] | None = None) -> frozenset[str]:
        """Returns those of some customers, or of all, who opted out of being scored."""
        with self.database.reading() as connection:
            return suppressed(connection, customer_ids)

    def newest(self) -> int | None:
        """Returns when the event that was stored last took place, UTC microseconds; None for an empty store."""
        with self.database.reading() as connection:
            query = select(EVENTS.c.timestamp).order_by(EVENTS.c.sequence.desc()).limit(1)
            found: int | None = connection.scalar(query)
            return found

    def add_scores(
        self, scores: Scores, model: RegisteredPredictor, scored_at: int, report: RunReport | None = None
    ) -> None:
        """Keeps the scores of one run at one cutoff, one row per customer, and what the dashboard shows of it.

        Parameters
        ----------
        scored_at
            When the run took place, UTC microseconds.
        """
        with self.database.writing() as connection:
            facts = {"as_of": int(scores.as_of.max()), "scored_at": scored_at}
            run = begin_run(connection, model, since=None, changes_seen=last_change(connection), **facts)
            write_scores(connection, run, scores)
            if report is not None:
                add_report(connection, run.run_id, report)
            finish_run(connection, run, ())

    def count_scores(self, run: Run) -> int:
        """Returns how many customers a run scored."""
        with self.database.reading() as connection:
            return len(scored_customers(connection, run))


def add_events(database: Database, connection: Connection, rows: list[Row], kinds: Kinds) -> Added:
    """Stores parsed rows, each ``event_id`` at most once among them, and returns what that changed."""
    customers = [{"customer_id": name, "attributes": "{}"} for name in {row["customer_id"]: None for row in rows}]
    database.add_missing(connection, CUSTOMERS, customers)
    declare(database, connection, EVENT_FIELD, kinds)
    others, changed = revise(connection, rows)
    with noted_at_the_end(connection) if len(others) > MANY else nullcontext():
        return Added(database.add_missing(connection, EVENTS, others), changed)


def read_log(connection: Connection, customer_ids: Sequence[str] | None) -> EventLog:
    """Returns the EventLog of some customers, or of all; see ``Store.log``."""
    rows = _read_events(connection, customer_ids)
    if customer_ids is not None:
        _check_all_known(customer_ids, rows)
    if not rows:
        raise StoreError("the event store is empty; add events first")
    columns = event_columns(rows, kinds_of(connection, EVENT_FIELD))
    return with_attributes(connection, log_from_columns(columns, int(columns.time.max())), customer_ids)


def _read_events(connection: Connection, customer_ids: Sequence[str] | None) -> list[Any]:
    """Returns rows for ``event_columns``; those of one customer in the order they were stored."""
    c = EVENTS.c
    known = func.coalesce(c.known_at, c.timestamp)
    query = select(c.customer_id, c.timestamp, known, c.event, c.channel, c.value, c.extra).order_by(c.sequence)
    blocks = each_block(c.customer_id, customer_ids)
    return [row for block in blocks for row in connection.execute(query.where(block)).all()]


def _check_all_known(customer_ids: Sequence[str], rows: list[Any]) -> None:
    found = {row[0] for row in rows}
    unknown = next((customer for customer in customer_ids if customer not in found), None)
    if unknown is not None:
        raise UnknownCustomerError(f"the store has no events of customer {unknown!r}; add them or give another id")

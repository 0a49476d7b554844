"""Settles what no single row can tell: which events are copies, who an anonymous person was then, what changed.

Identity: a Link holds from the moment it joined the history, the later of its time and the time it was known. An event,
consent or trait of an anonymous id without a customer belongs to the customer of the last Link at or before the moment
it joined itself; before the first Link to the anonymous id. So nothing learnt later reaches back.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from features.events import CHANNEL, EVENT, VALUE
from features.ingest import CUSTOMER, EVENT_ID, KNOWN_AT, TIMESTAMP
from features.sources.importing.records import EXTRA_DIMENSIONS, EXTRA_MEASURES
from features.sources.importing.staging import Staging

MEMORY = "250MB"
REVISION = "revision"
ANONYMOUS, JOINED = "anonymous_id", "joined"
LINK_COLUMNS = (ANONYMOUS, CUSTOMER, JOINED)
BATCH = 50_000
MOMENT = pa.timestamp("us", tz="UTC")

LOG_SCHEMA = pa.schema(
    [
        (CUSTOMER, pa.string()),
        (TIMESTAMP, MOMENT),
        (EVENT, pa.string()),
        (CHANNEL, pa.string()),
        (VALUE, pa.float64()),
        (EVENT_ID, pa.string()),
        (KNOWN_AT, MOMENT),
        *((name, pa.string()) for name in EXTRA_DIMENSIONS),
        *((name, pa.float64()) for name in EXTRA_MEASURES),
        (REVISION, pa.int64()),
    ]
)
"""The columns of an imported log."""

VIEW = "CREATE VIEW {kind} AS SELECT *, greatest(time, coalesce(known, time)) AS joined FROM read_parquet('{file}')"
LINKS = """
CREATE TABLE identities AS
SELECT anonymous_id, customer_id, joined FROM (
    SELECT *, lag(customer_id) OVER (PARTITION BY anonymous_id ORDER BY joined) AS before FROM (
        SELECT anonymous_id, customer_id, joined FROM (
            SELECT anonymous AS anonymous_id, customer AS customer_id, joined, row FROM links
            UNION ALL SELECT anonymous_id, customer_id, joined, -1 FROM prior
        ) QUALIFY row_number() OVER (PARTITION BY anonymous_id, joined ORDER BY row DESC, customer_id) = 1
    )
) WHERE before IS DISTINCT FROM customer_id"""
SUSPECTS = """
CREATE TABLE suspects AS SELECT hash(event_id) AS suspect FROM events GROUP BY suspect HAVING count(*) > 1"""
COPIES = """
CREATE TABLE copies AS
SELECT row, place, earliest FROM (
    SELECT row, row_number() OVER (PARTITION BY event_id ORDER BY revision DESC, joined, row) AS place,
           min(joined) OVER (PARTITION BY event_id) AS earliest, count(*) OVER (PARTITION BY event_id) AS copies
    FROM events SEMI JOIN suspects ON hash(event_id) = suspect
) WHERE copies > 1"""
WHO = "coalesce(r.customer, i.customer_id, r.anonymous)"
RESOLVED = "ASOF LEFT JOIN identities i ON r.anonymous = i.anonymous_id AND r.joined >= i.joined"
OWNERS = """
CREATE TABLE owners AS
SELECT r.row, i.customer_id FROM (SELECT row, anonymous, joined FROM events WHERE customer IS NULL) r
ASOF JOIN identities i ON r.anonymous = i.anonymous_id AND r.joined >= i.joined"""
OWNED = "FROM events r LEFT JOIN owners o ON o.row = r.row"  # an as-of join sorts all that it reads: few columns
EVENTS = f"""
SELECT coalesce(r.customer, o.customer_id, r.anonymous), r.time, r.event, r.channel, r.value, r.event_id,
       CASE WHEN c.earliest < r.joined THEN c.earliest ELSE r.known END AS known_at,
       {{extras}}, r.revision
{OWNED} LEFT JOIN copies c ON c.row = r.row
WHERE coalesce(c.place, 1) = 1
ORDER BY greatest(r.time, coalesce(known_at, r.time)), coalesce(known_at, r.time), r.row"""
CONSENTS = f"""
SELECT customer_id, consent_profiling, joined AS "at", source FROM (
    SELECT *, lag(consent_profiling) OVER (PARTITION BY customer_id ORDER BY joined, row) AS before FROM (
        SELECT {WHO} AS customer_id, r.state AS consent_profiling, r.joined, r.source, r.row FROM consents r {RESOLVED}
    )
) WHERE before IS DISTINCT FROM consent_profiling ORDER BY joined, customer_id, row"""  # noqa: S608
TRAITS = f"""
SELECT {WHO} AS customer_id, r.joined AS valid_from, r.name, r.text, r.number
FROM traits r {RESOLVED} ORDER BY customer_id, valid_from, r.row"""  # noqa: S608


@dataclass(frozen=True)
class Settled:
    """The settled records of an import, read from a database that lives as long as it is used."""

    database: duckdb.DuckDBPyConnection

    def merged(self) -> int:
        """Returns how many events repeat another one's id."""
        return self._one("SELECT count(*) FROM copies WHERE place > 1")

    def customers(self) -> int:
        """Returns how many people have events."""
        return self._one("SELECT count(DISTINCT coalesce(customer, customer_id, anonymous)) " + OWNED)

    def events(self) -> Iterator[pa.Table]:
        """Yields the events in the order in which they joined the history, with the columns of ``LOG_SCHEMA``."""
        extras = ", ".join(f"r.{name}" for name in (*EXTRA_DIMENSIONS, *EXTRA_MEASURES))
        reader = self.database.sql(EVENTS.format(extras=extras)).to_arrow_reader(BATCH)
        for batch in reader:
            columns = [
                column.cast(pa.timestamp("us")).cast(MOMENT) if field.type == MOMENT else column.cast(field.type)
                for column, field in zip(batch.columns, LOG_SCHEMA, strict=True)
            ]
            yield pa.table(columns, schema=LOG_SCHEMA)

    def links(self) -> pd.DataFrame:
        """Returns who each anonymous id was from when on: anonymous_id, customer_id, joined (UTC microseconds)."""
        return self.database.sql("FROM identities ORDER BY anonymous_id, joined").df()

    def consents(self) -> pd.DataFrame:
        """Returns each change of consent: customer_id, consent_profiling, at (UTC microseconds), source."""
        return self.database.sql(CONSENTS).df()

    def traits(self) -> pd.DataFrame:
        """Returns the traits in order: customer_id, valid_from (UTC microseconds), name, text, number."""
        return self.database.sql(TRAITS).df()

    def _one(self, query: str) -> int:
        return int(self.database.sql(query).fetchall()[0][0])


@contextmanager
def settled(staging: Staging, folder: Path, prior: pd.DataFrame | None = None) -> Iterator[Settled]:
    """Yields the settled records of a closed staging.

    Parameters
    ----------
    folder
        Where DuckDB puts what does not fit in its memory.
    prior
        Links of earlier imports: anonymous_id, customer_id, joined.
    """
    with duckdb.connect() as database:
        database.execute("SET memory_limit = ?", [MEMORY])
        database.execute("SET temp_directory = ?", [str(folder / "spilled")])
        database.execute("SET threads = ?", [min(2, os.cpu_count() or 1)])
        for kind in ("events", "links", "consents", "traits"):
            database.execute(VIEW.format(kind=kind, file=str(staging.file(kind)).replace("'", "''")))
        known = pd.DataFrame(columns=LINK_COLUMNS) if prior is None else prior
        database.register("given", known.astype({ANONYMOUS: "str", CUSTOMER: "str", JOINED: "int64"}))
        database.execute("CREATE TABLE prior AS SELECT anonymous_id, customer_id, joined FROM given")
        for statement in (LINKS, OWNERS, SUSPECTS, COPIES):
            database.execute(statement)
        yield Settled(database)

"""The tables of the event store, and the connection to the database that holds them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from features.errors import StoreError

Insert = sqlite.Insert | postgresql.Insert
INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

metadata = MetaData()
Sequence = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a column called INTEGER

EVENTS = Table(
    "events",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("timestamp", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("known_at", BigInteger, doc="UTC microseconds; none when the source does not say"),
    Column("event", Text, nullable=False),
    Column("channel", Text),
    Column("value", Double),
    Column("event_id", Text, unique=True),
    Column("extra", Text, doc="JSON: declared dimensions and measures"),
    Index("events_by_customer", "customer_id", "timestamp"),
)

CUSTOMERS = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("attributes", Text, nullable=False, doc="JSON"),
)

FIELDS = Table(
    "fields",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("scope", Text, nullable=False, doc="event or customer"),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, doc="text or number"),
    UniqueConstraint("scope", "name"),
)

SCORES = Table(
    "scores",
    metadata,
    Column("sequence", Sequence, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("as_of", BigInteger, nullable=False, doc="UTC microseconds"),
    Column("scored_at", BigInteger, nullable=False, doc="UTC microseconds; one scoring run has one"),
    Column("scores", Text, nullable=False, doc="JSON: the flat columns of the score table"),
    Index("scores_by_customer", "customer_id", "as_of"),
)


def open_database(url: str) -> Engine:
    """Returns an engine for a database that has every table.

    Raises
    ------
    StoreError
        If the address is malformed or the database cannot be opened.
    """
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        raise StoreError(f"{url!r} is no database address; give one like sqlite:///nextstage.db") from None
    try:
        engine = create_engine(url)
        if engine.dialect.name not in INSERTS:
            raise StoreError(f"{shown} is no database for events; give a sqlite:/// or postgresql:// address")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _make_durable)
        metadata.create_all(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as problem:
        reason = " ".join(str(getattr(problem, "orig", None) or problem).split())
        raise StoreError(f"the event store {shown} cannot be opened: {reason}; check address and rights") from None
    return engine


def _make_durable(connection: Any, _: Any) -> None:
    """Makes SQLite keep what was committed through a power cut, read while another writes, and wait for its turn."""
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")

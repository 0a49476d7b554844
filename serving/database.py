"""The connection to the database that holds the event store: SQLite or PostgreSQL, one behaviour."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    PoolProxiedConnection,
    Table,
    create_engine,
    event,
    false,
    make_url,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from features.errors import StoreError
from serving.migrations import migrate

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
BLOCK = 5_000  # ids or rows per statement; databases limit the values of one
PATIENCE = 10_000  # milliseconds that SQLite waits for its turn
CACHE = 32_000  # kibibytes of SQLite's file that a connection may hold: an import meets the pages of its indexes again
BEGIN = "nextstage_begin"
WRITERS = 7_639_785  # any number: PostgreSQL's lock of our writers

Row = dict[str, Any]


class Database:
    """Transactions on one database; those that write come one after the other, on PostgreSQL too.

    Parameters
    ----------
    url
        An SQLAlchemy address, such as ``sqlite:///nextstage.db``.
    folder
        Where scores, audiences and exports lie; where the file of SQLite lies if left out.

    Raises
    ------
    StoreError
        If the address is malformed, the database cannot be opened, or a newer release wrote it.
    """

    def __init__(self, url: str, folder: Path | None = None) -> None:
        self.engine = _connect(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.folder = folder or self._beside()
        self._glances = threading.Lock()
        self._glancing: PoolProxiedConnection | None = None
        self._turn = threading.Lock()  # of our threads; SQLite lets the others wait by trying now and then
        try:
            with self._transaction() as connection:
                migrate(connection)
        except SQLAlchemyError as problem:
            self.close()
            raise _unopened(url, problem) from None
        except StoreError:
            self.close()
            raise

    def _beside(self) -> Path | None:
        """Returns where the file of an SQLite database lies; None for any other."""
        name = self.engine.url.database
        return Path(name).resolve().parent if self.is_sqlite and name and name != ":memory:" else None

    def close(self) -> None:
        """Closes every connection."""
        with self._glances:
            self._end_glances()
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yields a connection in which everything is read as of one moment."""
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with _explained(), self.engine.connect().execution_options(**level) as connection:
            yield connection

    def glance(self, statement: str, *parameters: Any) -> list[Any]:
        """Returns the rows of one short query, outside of any transaction, on a connection that is kept for such ones.

        It costs a twentieth of a transaction, so that every request can afford it.

        Parameters
        ----------
        statement
            SQL in which ``?`` stands for a parameter.
        """
        with self._glances:
            try:
                return self._glance(statement, parameters)
            except self.engine.dialect.loaded_dbapi.Error:
                return self._glance_again(statement, parameters)

    def _glance(self, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
        if self._glancing is None:
            self._glancing = self.engine.raw_connection()
            if not self.is_sqlite:
                self._glancing.driver_connection.autocommit = True  # type: ignore[union-attr]
        cursor = self._glancing.cursor()
        try:
            cursor.execute(statement if self.is_sqlite else statement.replace("?", "%s"), parameters)
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def _glance_again(self, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
        """Asks on a new connection: the server may have been started anew in the meantime."""
        self._end_glances()
        with _explained():
            try:
                return self._glance(statement, parameters)
            except self.engine.dialect.loaded_dbapi.Error as problem:
                self._end_glances()
                raise OperationalError(statement, None, problem) from None

    def _end_glances(self) -> None:
        if self._glancing is not None:
            self._glancing.invalidate()
            self._glancing = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yields a connection whose changes are kept, on the disk, when the block ends without an error."""
        with _explained(), self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        immediate = {BEGIN: "IMMEDIATE"}
        with self._turn, self.engine.connect().execution_options(**immediate) as connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
            yield connection

    def add_missing(self, connection: Connection, table: Table, rows: list[Row]) -> int:
        """Inserts the rows whose key is new and returns their number."""
        return run_blocks(connection, INSERTS[self.engine.dialect.name](table).on_conflict_do_nothing(), rows)

    def forget_deleted(self) -> None:
        """Makes sure that no byte of what was deleted is left in SQLite's files; PostgreSQL cleans up in its own time.

        Deleted cells are overwritten at once, but copies of them stay behind where pages were divided: only a rewritten
        file has none. It takes a moment of a large store, in which others cannot write.
        """
        if not self.is_sqlite:
            return
        with self._turn, _explained(), self.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("VACUUM")
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError("the event store is in use, so what was deleted cannot be overwritten; try again")


def run_blocks(connection: Connection, statement: Executable, rows: list[Row]) -> int:
    """Executes a statement for all rows, a block at a time, and returns how many rows it touched."""
    counted = {"preserve_rowcount": True}
    blocks = (rows[first : first + BLOCK] for first in range(0, len(rows), BLOCK))
    return sum(connection.execute(statement, block, execution_options=counted).rowcount for block in blocks)


def each_block(column: ColumnElement[str], ids: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """Returns conditions that together hold for exactly the rows of these ids, or for every row."""
    if ids is None:
        return [true()]
    names = list(dict.fromkeys(ids))
    return [column.in_(names[first : first + BLOCK]) for first in range(0, len(names), BLOCK)] or [false()]


def _connect(url: str) -> Engine:
    try:
        address = make_url(url)
    except SQLAlchemyError:
        raise StoreError(f"{url!r} is no database address; give one like sqlite:///nextstage.db") from None
    if address.get_backend_name() not in INSERTS:
        shown = address.render_as_string(hide_password=True)
        raise StoreError(f"{shown} is no database for events; give a sqlite:/// or postgresql:// address")
    try:
        # a parameter of a statement is what a customer did: it belongs in no error message
        engine = create_engine(_with_driver(url), hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    except (SQLAlchemyError, ModuleNotFoundError) as problem:
        raise _unopened(url, problem) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _make_durable)
        event.listen(engine, "begin", _begin)
    return engine


def _with_driver(url: str) -> str:
    """Returns the address with the PostgreSQL driver that is installed, if it names none."""
    scheme, rest = url.split(":", 1)
    return f"postgresql+psycopg:{rest}" if scheme == "postgresql" else url


def _unopened(url: str, problem: Exception) -> StoreError:
    shown = make_url(url).render_as_string(hide_password=True)
    return StoreError(f"the event store {shown} cannot be opened: {_reason(problem)}; check address and rights")


def _reason(problem: Exception) -> str:
    return " ".join(str(getattr(problem, "orig", None) or problem).split())


@contextmanager
def _explained() -> Iterator[None]:
    """Turns a database that does not answer into one sentence; what is our own mistake stays what it is."""
    try:
        yield
    except (OperationalError, InterfaceError) as problem:
        raise StoreError(f"the event store does not answer: {_reason(problem)}; try again") from None


def _make_durable(connection: Any, _: Any) -> None:
    """Makes SQLite keep what was committed through a power cut, read while another writes, and wait for its turn."""
    connection.isolation_level = None  # transactions begin where we say so, not where the driver does
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")


def _begin(connection: Connection) -> None:
    """Begins a transaction; one that will write takes the lock first: a reader that writes later may find it taken."""
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")

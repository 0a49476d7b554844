from pathlib import Path

import pytest
from sqlalchemy import text

from features.errors import StoreError
from serving.database import Database


def test_sqlite_is_durable_and_waits_for_its_turn(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/nextstage.db")
    with database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "secure_delete")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10000, "secure_delete": 1}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nextstage.db", "'nextstage.db' is no database address; give one like sqlite:///nextstage.db"),
        ("sqlite:////nowhere/at/all/nextstage.db", "cannot be opened: unable to open database file; check"),
        ("mongodb://host/x", "mongodb://host/x is no database for events; give a sqlite:/// or postgresql:// address"),
        ("mysql://me:secret@host/x", r"mysql://me:\*\*\*@host/x is no database for events; give a sqlite:/// or"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        Database(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("customer_id,timestamp,event\n" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match="file is not a database"):
        Database(f"sqlite:///{path}")
    assert path.read_text(encoding="utf-8") == "customer_id,timestamp,event\n" * 100


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError, match="is no database for events") as caught:
        Database("nodatabase://me:secret@host/x")
    assert "secret" not in str(caught.value)


def test_a_glance_sees_what_was_committed_and_survives_a_lost_connection(database_url: str) -> None:
    database = Database(database_url)
    query = "SELECT value FROM about WHERE name = ?"
    assert len(database.glance(query, "salt")) == 1
    with database.writing() as connection:
        connection.execute(text("INSERT INTO about VALUES ('mood', 'fine')"))
        assert database.glance(query, "mood") == []
    assert [tuple(row) for row in database.glance(query, "mood")] == [("fine",)]
    assert database._glancing is not None
    database._glancing.driver_connection.close()
    assert len(database.glance(query, "mood")) == 1
    with pytest.raises(StoreError, match=r"the event store does not answer: .*moon"):
        database.glance("SELECT * FROM moon")
    database.close()

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from features.errors import StoreError
from serving import migrations
from serving.changes import customers_to_rescore
from serving.database import Database
from serving.migrations import STEPS
from serving.runs import read_runs
from serving.store import Store
from tests.serving.test_tables import assert_described

OLD_SCORE = """INSERT INTO scores (customer_id, model_name, model_version, as_of, scored_at, scores)
VALUES (:customer, 'shop', '1', :as_of, :scored_at, :scores)"""
OLD_SCORES = [("a", 10, 5), ("b", 10, 5), ("a", 20, 6)]


def old_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a database as the first release left it: with events and scores, without a word on its version."""
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:0])
        database = Database(url)
    with database.writing() as connection:
        STEPS[0](connection)
        connection.execute(text("INSERT INTO events (customer_id, timestamp, event) VALUES ('a', 5, 'visit')"))
        connection.execute(text("INSERT INTO customers VALUES ('a', :json)"), {"json": '{"age": 4.0}'})
        connection.execute(text("INSERT INTO fields (scope, name, kind) VALUES ('customer', 'age', 'number')"))
        for customer, as_of, scored_at in OLD_SCORES:
            row = {"customer": customer, "as_of": as_of, "scored_at": scored_at, "scores": json.dumps({"churn": as_of})}
            connection.execute(text(OLD_SCORE), row)
    database.close()


def test_an_old_database_is_brought_up_to_date_with_everything_in_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_database(database_url, monkeypatch)
    with Store(database_url) as store:
        assert_described(store.database)
        assert store.log().attributes["age"].tolist() == [4.0]
        with store.database.reading() as connection:
            kept = connection.execute(
                text("SELECT customer_id, as_of, scored_at, scores FROM scores JOIN runs USING (run_id) ORDER BY 2, 1")
            ).all()
    assert [tuple(row)[:3] for row in kept] == OLD_SCORES
    assert json.loads(kept[0].scores) == {"churn": 10}


def test_who_changed_before_changes_were_noted_is_scored_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_database(database_url, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", STEPS[:8])
        Database(database_url).close()
    with Store(database_url) as store, store.database.reading() as connection:
        (*_, last) = read_runs(connection)
        assert customers_to_rescore(connection, last.changes_seen, last.as_of) == {"a"}


def test_opening_again_changes_nothing(database_url: str) -> None:
    salts = set()
    for _ in range(2):
        database = Database(database_url)
        with database.reading() as connection:
            salts.add(connection.scalar(text("SELECT value FROM about WHERE name = 'salt'")))
        database.close()
    assert len(salts) == 1
    assert len(salts.pop()) == 64


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE about SET value = '99' WHERE name = 'version'"))
    database.close()
    with pytest.raises(StoreError, match=r"has version 99 of the tables and this release knows \d+; install the"):
        Database(database_url)


def test_a_step_that_fails_leaves_the_old_database_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_database(database_url, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*STEPS, lambda connection: connection.execute(text("SELECT * FROM moon"))))
        with pytest.raises(StoreError, match=r"cannot be opened: .*moon"):
            Database(database_url)
    with Store(database_url) as store:
        assert store.count() == 1


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'me'", "DELETE FROM audit"])
def test_the_audit_log_only_grows(database_url: str, change: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.execute(
            text("INSERT INTO audit (at, actor, action, subject, detail) VALUES (1, 'k', 'a', 's', '{}')")
        )
    with pytest.raises(DBAPIError, match="the audit log only grows"), database.writing() as connection:
        connection.execute(text(change))
    database.close()

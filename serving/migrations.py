"""Makes the tables of a new store, and brings those of an older one up to date, step by step.

A step is never edited once it is released: the one after it changes what it made. ``serving.tables`` describes what
the last step leaves behind, and a test holds the two to each other.
"""

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, inspect, text

from features.errors import StoreError

Step = Callable[[Connection], None]


def migrate(connection: Connection) -> None:
    """Takes every step that the database has not taken yet, in the transaction of the connection.

    Raises
    ------
    StoreError
        If the database comes from a newer release than this one.
    """
    version = stored_version(connection)
    if version > len(STEPS):
        raise StoreError(
            f"the event store has version {version} of the tables and this release knows {len(STEPS)}; "
            "install the release that wrote it, or a later one"
        )
    for step in STEPS[version:]:
        step(connection)
    if version < len(STEPS):
        connection.execute(text("UPDATE about SET value = :version WHERE name = 'version'"), {"version": len(STEPS)})


def stored_version(connection: Connection) -> int:
    """Returns how many steps the database has taken; the first release did not write it down."""
    tables = inspect(connection).get_table_names()
    if "about" in tables:
        return int(connection.scalar(text("SELECT value FROM about WHERE name = 'version'")) or 0)
    return 1 if "events" in tables else 0


def _run(connection: Connection, *statements: str) -> None:
    """Runs statements in which ROW_NUMBER stands for a key that the database counts up itself."""
    counted = {"sqlite": "INTEGER NOT NULL PRIMARY KEY", "postgresql": "BIGSERIAL NOT NULL PRIMARY KEY"}
    for statement in statements:
        connection.exec_driver_sql(statement.replace("ROW_NUMBER", counted[connection.dialect.name]))


def _events_customers_and_scores(connection: Connection) -> None:
    _run(
        connection,
        """CREATE TABLE events (sequence ROW_NUMBER, customer_id TEXT NOT NULL, timestamp BIGINT NOT NULL,
           known_at BIGINT, event TEXT NOT NULL, channel TEXT, value DOUBLE PRECISION, event_id TEXT UNIQUE,
           extra TEXT)""",
        "CREATE INDEX events_by_customer ON events (customer_id, timestamp)",
        "CREATE TABLE customers (customer_id TEXT NOT NULL PRIMARY KEY, attributes TEXT NOT NULL)",
        """CREATE TABLE fields (sequence ROW_NUMBER, scope TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
           UNIQUE (scope, name))""",
        """CREATE TABLE scores (sequence ROW_NUMBER, customer_id TEXT NOT NULL, model_name TEXT NOT NULL,
           model_version TEXT NOT NULL, as_of BIGINT NOT NULL, scored_at BIGINT NOT NULL, scores TEXT NOT NULL)""",
        "CREATE INDEX scores_by_customer ON scores (customer_id, as_of)",
    )


def _keys_consent_runs_and_audit(connection: Connection) -> None:
    _run(
        connection,
        "CREATE TABLE about (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE dated_attributes (customer_id TEXT NOT NULL, valid_from BIGINT NOT NULL,
           attributes TEXT NOT NULL, PRIMARY KEY (customer_id, valid_from))""",
        """CREATE TABLE aliases (previous_id TEXT NOT NULL, since BIGINT NOT NULL, customer_id TEXT NOT NULL,
           PRIMARY KEY (previous_id, since))""",
        "CREATE INDEX aliases_by_customer ON aliases (customer_id)",
        """CREATE TABLE consents (sequence ROW_NUMBER, customer_id TEXT NOT NULL, decision TEXT NOT NULL,
           at BIGINT NOT NULL, source TEXT NOT NULL)""",
        "CREATE INDEX consents_by_customer ON consents (customer_id, at)",
        """CREATE TABLE keys (key_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL,
           scopes TEXT NOT NULL, created_at BIGINT NOT NULL, revoked_at BIGINT)""",
        """CREATE TABLE audit (sequence ROW_NUMBER, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
           subject TEXT NOT NULL, detail TEXT NOT NULL)""",
        *APPEND_ONLY[connection.dialect.name],
        # every score used to repeat what is said of its run
        "ALTER TABLE scores RENAME TO old_scores",
        "DROP INDEX scores_by_customer",
        """CREATE TABLE runs (run_id ROW_NUMBER, model_name TEXT NOT NULL, model_version TEXT NOT NULL,
           as_of BIGINT NOT NULL, scored_at BIGINT NOT NULL)""",
        """CREATE TABLE scores (run_id BIGINT NOT NULL, customer_id TEXT NOT NULL, scores TEXT NOT NULL,
           PRIMARY KEY (run_id, customer_id))""",
        "CREATE INDEX scores_by_customer ON scores (customer_id)",
        """INSERT INTO runs (model_name, model_version, as_of, scored_at) SELECT model_name, model_version, as_of,
           scored_at FROM old_scores GROUP BY model_name, model_version, as_of, scored_at ORDER BY min(sequence)""",
        """INSERT INTO scores SELECT run_id, customer_id, max(scores) FROM old_scores JOIN runs
           USING (model_name, model_version, as_of, scored_at) GROUP BY run_id, customer_id""",
        "DROP TABLE old_scores",
    )
    facts = {"version": "2", "salt": secrets.token_hex(32)}
    for name, value in facts.items():
        connection.execute(text("INSERT INTO about VALUES (:name, :value)"), {"name": name, "value": value})


def _revisions_of_events(connection: Connection) -> None:
    _run(connection, "ALTER TABLE events ADD COLUMN revision BIGINT")


def _segments(connection: Connection) -> None:
    _run(
        connection,
        """CREATE TABLE segments (name TEXT NOT NULL PRIMARY KEY, definition TEXT NOT NULL, saved_at BIGINT NOT NULL,
           refresh BIGINT NOT NULL, refreshed_at BIGINT NOT NULL, as_of BIGINT NOT NULL, preview TEXT NOT NULL,
           problem TEXT)""",
        """CREATE TABLE segment_members (segment TEXT NOT NULL, refresh BIGINT NOT NULL, place BIGINT NOT NULL,
           customer_id TEXT NOT NULL, score DOUBLE PRECISION NOT NULL, PRIMARY KEY (segment, refresh, place))""",
        "CREATE INDEX segment_members_by_customer ON segment_members (customer_id)",
        """CREATE TABLE period_shifts (model_name TEXT NOT NULL, model_version TEXT NOT NULL, shifts TEXT NOT NULL,
           PRIMARY KEY (model_name, model_version))""",
    )


def _reports_of_runs(connection: Connection) -> None:
    _run(
        connection,
        "CREATE TABLE reports (run_id BIGINT NOT NULL PRIMARY KEY, report TEXT NOT NULL)",
        """CREATE TABLE leaders (run_id BIGINT NOT NULL, customer_id TEXT NOT NULL, stage TEXT NOT NULL,
           place BIGINT NOT NULL, PRIMARY KEY (run_id, customer_id))""",
        "CREATE INDEX leaders_by_stage ON leaders (run_id, stage, place)",
        "CREATE INDEX leaders_by_customer ON leaders (customer_id)",
    )


def _personas(connection: Connection) -> None:
    _run(connection, "CREATE TABLE personas (customer_id TEXT NOT NULL PRIMARY KEY, persona TEXT NOT NULL)")


def _campaigns(connection: Connection) -> None:
    _run(
        connection,
        """CREATE TABLE campaigns (name TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL,
           holdout DOUBLE PRECISION NOT NULL, audience TEXT, score TEXT)""",
        """CREATE TABLE campaign_members (campaign TEXT NOT NULL, customer_id TEXT NOT NULL, arm TEXT NOT NULL,
           assigned_at BIGINT NOT NULL, sent_at BIGINT, stage TEXT, decile BIGINT, score DOUBLE PRECISION,
           PRIMARY KEY (campaign, customer_id))""",
        "CREATE INDEX campaign_members_by_customer ON campaign_members (customer_id)",
    )


def _runs_that_go_on_and_verdicts(connection: Connection) -> None:
    _run(
        connection,
        "ALTER TABLE runs ADD COLUMN state TEXT NOT NULL DEFAULT 'finished'",
        "ALTER TABLE runs ADD COLUMN since BIGINT",
        "ALTER TABLE runs ADD COLUMN events_seen BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE scores ADD COLUMN vectors TEXT",
        "ALTER TABLE customers ADD COLUMN touched BIGINT",
        """CREATE TABLE scorecards (run_id BIGINT NOT NULL, target TEXT NOT NULL, horizon TEXT NOT NULL,
           matured_at BIGINT NOT NULL, card TEXT NOT NULL, PRIMARY KEY (run_id, target, horizon))""",
        """CREATE TABLE verdicts (sequence ROW_NUMBER, at BIGINT NOT NULL, model_name TEXT NOT NULL,
           model_version TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL)""",
    )


APPEND_ONLY = {
    "sqlite": [
        f"""CREATE TRIGGER audit_keeps_{change.lower()} BEFORE {change} ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"""
        for change in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN RAISE EXCEPTION ''the audit log only grows''; END'""",
        """CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
           FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""",
    ],
}

CHANGED = ("events", "customers", "dated_attributes", "consents")
"""The tables whose rows of a customer decide what is answered about the customer."""
EVERYBODY = "''"


def _changes_of_customers(connection: Connection) -> None:
    """Lets the database itself note who changed, so that no writer can forget to, whatever program it belongs to."""
    if connection.dialect.name == "postgresql":
        _run(connection, *_noting_on_postgresql())
        return
    # without AUTOINCREMENT the number of a row that is deleted would be given again
    _run(
        connection,
        "CREATE TABLE changes (sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, customer_id TEXT NOT NULL UNIQUE)",
        *(_noting(table, change) for table in CHANGED for change in ("INSERT", "UPDATE", "DELETE")),
        f"CREATE TRIGGER fields_change AFTER INSERT ON fields BEGIN {_noted(EVERYBODY)} END",
    )


def _noting(table: str, change: str) -> str:
    sides = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[change]
    noted = " ".join(_noted(f"{side}.customer_id") for side in sides)
    return f"CREATE TRIGGER {table}_{change.lower()} AFTER {change} ON {table} BEGIN {noted} END"


def _noted(customer: str) -> str:
    # an upsert in a trigger would obey the statement that set it off
    return (
        f"DELETE FROM changes WHERE customer_id = {customer}; "  # noqa: S608 - our own words
        f"INSERT INTO changes (customer_id) VALUES ({customer});"
    )


NOTED_ON_POSTGRESQL = """INSERT INTO changes (customer_id) VALUES ({0})
    ON CONFLICT (customer_id) DO UPDATE SET sequence = nextval('changes_sequence_seq');"""
FUNCTION_ON_POSTGRESQL = "{0} FUNCTION {1}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {2} RETURN NULL; END $$"


def _noting_on_postgresql() -> list[str]:
    """Returns the statements; sequence numbers become visible in their order, as writers come one after the other."""
    everybody = NOTED_ON_POSTGRESQL.format(EVERYBODY)
    return [
        "CREATE TABLE changes (sequence ROW_NUMBER, customer_id TEXT NOT NULL UNIQUE)",
        _note_change("CREATE"),
        FUNCTION_ON_POSTGRESQL.format("CREATE", "note_change_of_all", everybody),
        *(
            f"""CREATE TRIGGER {table}_change AFTER INSERT OR UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION note_change()"""
            for table in CHANGED
        ),
        "CREATE TRIGGER fields_change AFTER INSERT ON fields FOR EACH ROW EXECUTE FUNCTION note_change_of_all()",
    ]


def _note_change(create: str, first: str = "") -> str:
    old, new = (NOTED_ON_POSTGRESQL.format(who) for who in ("OLD.customer_id", "NEW.customer_id"))
    sides = f"IF TG_OP <> 'INSERT' THEN {old} END IF; IF TG_OP <> 'DELETE' THEN {new} END IF;"
    return FUNCTION_ON_POSTGRESQL.format(create, "note_change", f"{first} {sides}")


def _scores_of_challengers(connection: Connection) -> None:
    _run(
        connection,
        """CREATE TABLE shadow_scores (customer_id TEXT NOT NULL, model_name TEXT NOT NULL, model_version TEXT NOT NULL,
           day TEXT NOT NULL, as_of BIGINT NOT NULL, scores TEXT NOT NULL,
           PRIMARY KEY (customer_id, model_name, model_version, day))""",
    )


def _runs_that_count_changes(connection: Connection) -> None:
    """Lets runs remember the last change; of customers who changed before that was noted, none is passed over."""
    _run(
        connection,
        "ALTER TABLE runs RENAME COLUMN events_seen TO changes_seen",
        "UPDATE runs SET changes_seen = 0",
        "ALTER TABLE customers DROP COLUMN touched",
        """INSERT INTO changes (customer_id) SELECT customer_id FROM customers
           WHERE customer_id NOT IN (SELECT customer_id FROM changes)""",
    )


NOTED_AT_THE_END = "changes are noted at the end"
"""The line of ``about`` that a writer of many events puts there for a while, see ``serving.changes``."""


def _changes_of_many_events(connection: Connection) -> None:
    """Lets a writer of many events note their customers itself, once each, before its transaction ends."""
    waits = f"EXISTS (SELECT 1 FROM about WHERE name = '{NOTED_AT_THE_END}')"  # noqa: S608 - our own words
    if connection.dialect.name == "postgresql":
        _run(
            connection, _note_change("CREATE OR REPLACE", f"IF TG_OP = 'INSERT' AND {waits} THEN RETURN NULL; END IF;")
        )
        return
    _run(
        connection,
        "DROP TRIGGER events_insert",
        f"CREATE TRIGGER events_insert AFTER INSERT ON events WHEN NOT {waits} BEGIN {_noted('NEW.customer_id')} END",
    )


def _changes_of_aliases(connection: Connection) -> None:
    """Notes an id that turns out to be a customer's: what that customer decided holds for it from now on."""
    if connection.dialect.name == "postgresql":
        noted = NOTED_ON_POSTGRESQL.format("NEW.previous_id")
        _run(
            connection,
            FUNCTION_ON_POSTGRESQL.format("CREATE", "note_change_of_alias", noted),
            """CREATE TRIGGER aliases_change AFTER INSERT ON aliases
               FOR EACH ROW EXECUTE FUNCTION note_change_of_alias()""",
        )
        return
    # an alias goes with an erasure alone, which notes no id
    _run(connection, f"CREATE TRIGGER aliases_insert AFTER INSERT ON aliases BEGIN {_noted('NEW.previous_id')} END")


def _estimates(connection: Connection) -> None:
    _run(connection, "CREATE TABLE estimates (customer_id TEXT NOT NULL PRIMARY KEY, estimates TEXT NOT NULL)")


STEPS: tuple[Step, ...] = (
    _events_customers_and_scores,
    _keys_consent_runs_and_audit,
    _revisions_of_events,
    _segments,
    _reports_of_runs,
    _personas,
    _campaigns,
    _runs_that_go_on_and_verdicts,
    _changes_of_customers,
    _scores_of_challengers,
    _runs_that_count_changes,
    _changes_of_many_events,
    _changes_of_aliases,
    _estimates,
)

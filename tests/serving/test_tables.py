from sqlalchemy import inspect

from serving.database import Database
from serving.migrations import STEPS, stored_version
from serving.tables import metadata


def assert_described(database: Database) -> None:
    """Holds the tables of a database to their description."""
    inspector = inspect(database.engine)
    assert sorted(inspector.get_table_names()) == sorted(metadata.tables)
    for name, table in metadata.tables.items():
        found = {column["name"]: column for column in inspector.get_columns(name)}
        assert list(found) == [column.name for column in table.columns]
        for column in table.columns:
            assert found[column.name]["type"].python_type is column.type.python_type, (name, column.name)
            assert found[column.name]["nullable"] == column.nullable, (name, column.name)
        keys = inspector.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns]
        indexes = {index["name"]: index["column_names"] for index in inspector.get_indexes(name)}
        for index in table.indexes:
            assert indexes[index.name] == [column.name for column in index.columns]


def test_the_steps_make_the_tables_that_queries_expect(database_url: str) -> None:
    database = Database(database_url)
    assert_described(database)
    with database.reading() as connection:
        assert stored_version(connection) == len(STEPS)
    database.close()

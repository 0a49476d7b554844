from serving.audit import hashed, read_audit, write_audit
from serving.store import Store


def test_entries_are_read_in_the_order_they_were_written(store: Store) -> None:
    with store.database.writing() as connection:
        for at in (5, 4):
            write_audit(connection, at, "key1", "customer.erase", "hash", {"events": at})
    with store.database.reading() as connection:
        entries = read_audit(connection)
    assert [(entry["at"], entry["detail"]) for entry in entries] == [(5, {"events": 5}), (4, {"events": 4})]


def test_the_hash_of_a_customer_is_the_same_in_one_store_alone(store: Store) -> None:
    with Store("sqlite://") as other, other.database.reading() as theirs, store.database.reading() as ours:
        assert hashed(ours, "ann") == hashed(ours, "ann") != hashed(ours, "bob")
        assert hashed(ours, "ann") != hashed(theirs, "ann")
        assert len(hashed(ours, "ä")) == 64

import pytest
from sqlalchemy import text

from serving.changes import EVERYBODY, changed_since, last_change
from serving.consents import Consent
from serving.personal_data import erase_customer
from serving.store import Store
from tests.serving.test_store import frame


def changed(store: Store, since: int) -> list[str]:
    return [name for _, name in changed_since(store.database, since)]


def test_every_kind_of_change_names_its_customer(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}))
    seen = last_change(store.database)
    assert changed(store, seen) == []
    for change, names in (
        (lambda: store.add(frame({"event_id": "3"})), ["a"]),
        (lambda: store.add_consents([Consent("b", "denied", 5, "me")]), ["b"]),
        (lambda: store.add_traits([("b", 5, {"plan": "pro"})], {}), [EVERYBODY, "b"]),
        (lambda: store.add_traits([("b", 6, {"plan": "free"})], {}), ["b"]),
        (lambda: store.add_aliases([("a", 0, "b")]), ["a", "b"]),
    ):
        seen = last_change(store.database)
        change()
        assert sorted(changed(store, seen)) == names


def test_a_decision_concerns_the_ids_that_lead_to_the_customer(store: Store) -> None:
    store.add_aliases([("lead", 5, "cookie"), ("cookie", 9, "ann")])
    seen = last_change(store.database)
    store.add_consents([Consent("ann", "denied", 20, "form")])
    assert sorted(changed(store, seen)) == ["ann", "cookie", "lead"]
    seen = last_change(store.database)
    store.add_aliases([("ann", 30, "dan")])  # who may have opted out
    assert {"cookie", "lead"} <= set(changed(store, seen))


def test_numbers_grow_even_when_the_last_change_is_that_of_the_same_customer(store: Store) -> None:
    store.add(frame({}))
    numbers = []
    for event_id in ("2", "3", "4"):
        store.add(frame({"event_id": event_id}))
        numbers.append(last_change(store.database))
    assert numbers == sorted(set(numbers))
    assert changed(store, 0).count("a") == 1


def test_what_comes_again_changes_nothing(store: Store) -> None:
    store.add(frame({}))
    seen = last_change(store.database)
    store.add(frame({}))
    assert changed(store, seen) == []


def test_an_erasure_concerns_everybody_and_names_nobody(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}))
    seen = last_change(store.database)
    erase_customer(store.database, "a", 5, "me")
    assert changed(store, seen) == [EVERYBODY]
    with store.database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM changes WHERE customer_id = 'a'")) == 0


def test_a_change_that_is_rolled_back_was_none(store: Store) -> None:
    store.add(frame({}))
    seen = last_change(store.database)
    with pytest.raises(RuntimeError):
        fail_after_a_change(store)
    assert changed(store, seen) == []


def fail_after_a_change(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(text("DELETE FROM events"))
        raise RuntimeError

import pandas as pd
import pytest
from sqlalchemy import text

from models.predictor import RegisteredPredictor
from serving.changes import EVERYBODY, changed_since, customers_to_rescore, last_change
from serving.consents import Consent
from serving.occasion import Occasion
from serving.personal_data import erase_customer
from serving.runs import Run
from serving.store import MANY, Store
from tests.serving.test_store import frame

OLD = "2024-01-01T00:00:00Z"


def seen_of(store: Store) -> int:
    with store.database.reading() as connection:
        return last_change(connection)


def changed(store: Store, since: int) -> list[str]:
    return [name for _, name in changed_since(store.database, since)]


def test_every_kind_of_change_names_its_customer(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}))
    seen = seen_of(store)
    assert changed(store, seen) == []
    for change, names in (
        (lambda: store.add(frame({"event_id": "3"})), ["a"]),
        (lambda: store.add_consents([Consent("b", "denied", 5, "me")]), ["b"]),
        (lambda: store.add_traits([("b", 5, {"plan": "pro"})], {}), [EVERYBODY, "b"]),
        (lambda: store.add_traits([("b", 6, {"plan": "free"})], {}), ["b"]),
        (lambda: store.add_aliases([("a", 0, "b")]), ["a", "b"]),
        (lambda: store.add_aliases([("new", 2**52, "b")]), ["new"]),  # no event is so late; decisions hold at once
    ):
        seen = seen_of(store)
        change()
        assert sorted(changed(store, seen)) == names


def test_an_alias_concerns_every_id_that_leads_to_it_though_nothing_is_filed_anew(store: Store) -> None:
    store.add_aliases([("lead", 5, "cookie"), ("cookie", 9, "ann")])
    seen = seen_of(store)
    store.add_aliases([("ann", 30, "dan")])  # who may have opted out
    assert {"ann", "cookie", "lead"} <= set(changed(store, seen))


def test_numbers_grow_even_when_the_last_change_is_that_of_the_same_customer(store: Store) -> None:
    store.add(frame({}))
    numbers = []
    for event_id in ("2", "3", "4"):
        store.add(frame({"event_id": event_id}))
        numbers.append(seen_of(store))
    assert numbers == sorted(set(numbers))
    assert changed(store, 0).count("a") == 1


def test_what_comes_again_changes_nothing(store: Store) -> None:
    store.add(frame({}))
    seen = seen_of(store)
    store.add(frame({}))
    assert changed(store, seen) == []


def test_of_many_events_each_customer_who_got_one_is_noted_once(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}, {"customer_id": "c", "event_id": "3"}))
    many = [{"customer_id": "ad"[row % 2], "event_id": f"many-{row}"} for row in range(MANY + 1)]
    seen = seen_of(store)
    store.add(frame({"customer_id": "b", "event_id": "2"}, *many))
    assert sorted(changed(store, seen)) == ["a", "d"]
    seen = seen_of(store)
    store.add(frame({"customer_id": "b", "event_id": "4"}))
    assert changed(store, seen) == ["b"]
    store.add(frame(*many))
    assert changed(store, seen) == ["b"]


def test_an_erasure_concerns_everybody_and_names_nobody(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}))
    seen = seen_of(store)
    erase_customer(store.database, "a", 5, "me")
    assert changed(store, seen) == [EVERYBODY]
    with store.database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM changes WHERE customer_id = 'a'")) == 0


def test_a_change_that_is_rolled_back_was_none(store: Store) -> None:
    store.add(frame({}))
    seen = seen_of(store)
    with pytest.raises(RuntimeError):
        fail_after_a_change(store)
    assert changed(store, seen) == []


def fail_after_a_change(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(text("DELETE FROM events"))
        raise RuntimeError


def begun(store: Store, model: RegisteredPredictor) -> Run:
    store.add(pd.DataFrame([event(name, OLD) for name in ("a", "b", "c", "d")]))
    return Occasion(10, 4_000_000_000_000_000).open_run(store, model)  # later than every moment in here


def event(customer: str, when: str, **more: object) -> dict[str, object]:
    return {"customer_id": customer, "timestamp": when, "event": "visit", "event_id": f"{customer}1", **more}


def to_rescore(store: Store, run: Run, since: int | None = None) -> set[str]:
    with store.database.reading() as connection:
        return customers_to_rescore(connection, run.changes_seen, run.as_of if since is None else since)


def test_nothing_has_changed_after_nothing(store: Store, model: RegisteredPredictor) -> None:
    assert to_rescore(store, begun(store, model)) == set()


def test_events_that_are_stored_later_count_whenever_they_took_place(store: Store, model: RegisteredPredictor) -> None:
    run = begun(store, model)
    store.add(pd.DataFrame([event("b", "2023-01-01T00:00:00Z", event_id="b0")]))
    assert to_rescore(store, run) == {"b"}


def test_what_became_known_after_the_moment_counts(store: Store, model: RegisteredPredictor) -> None:
    known = {"late": "2024-03-01T00:00:00Z", "early": OLD}
    store.add(pd.DataFrame([event(name, OLD, known_at=moment) for name, moment in known.items()]))
    run = begun(store, model)
    february = pd.Timestamp("2024-02-01", tz="UTC").value // 1_000
    assert to_rescore(store, run, february) == {"late"}
    assert to_rescore(store, run, february - 60 * 86_400 * 10**6) == {"late", "early", "a", "b", "c", "d"}


def test_attributes_versions_of_events_and_links_count(store: Store, model: RegisteredPredictor) -> None:
    run = begun(store, model)
    store.set_attributes(pd.DataFrame({"customer_id": ["a"], "tier": ["gold"]}))
    assert to_rescore(store, run) == {"a"}
    store.add_traits([("b", 5, {"plan": "pro"})], {"plan": "text"})
    assert to_rescore(store, run) == {"a", "b"}
    store.add(pd.DataFrame([event("c", OLD, known_at=OLD)]))  # a copy: nothing new
    assert to_rescore(store, run) == {"a", "b"}
    store.add(pd.DataFrame([event("c", "2023-12-31T00:00:00Z")]))  # a copy that joined the history earlier
    assert to_rescore(store, run) == {"a", "b", "c"}
    store.add_aliases([("d", 6, "e")])
    assert to_rescore(store, run) == {"a", "b", "c", "d", "e"}


def test_a_new_field_and_an_erasure_concern_nobody_else(store: Store, model: RegisteredPredictor) -> None:
    run = begun(store, model)
    store.set_attributes(pd.DataFrame({"customer_id": ["a"], "tier": ["gold"]}))
    erase_customer(store.database, "b", 5, "me")
    assert to_rescore(store, run) == {"a"}


def test_what_changes_while_a_run_goes_on_counts_after_it(store: Store, model: RegisteredPredictor) -> None:
    run = begun(store, model)
    store.add(pd.DataFrame([event("a", OLD, event_id="a2")]))
    again = Occasion(10, 4_000_000_000_000_000).open_run(store, model)
    assert again == run
    assert to_rescore(store, again) == {"a"}

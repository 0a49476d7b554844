import pandas as pd

from models.predictor import RegisteredPredictor
from serving.consents import Consent
from serving.occasion import Occasion
from serving.rescoring import changed_customers, last_event, touch
from serving.runs import Run
from serving.store import Store

OLD = "2024-01-01T00:00:00Z"


def seen(store: Store, model: RegisteredPredictor) -> Run:
    store.add(pd.DataFrame([event(name, OLD) for name in ("a", "b", "c", "d")]))
    return Occasion(10, 4_000_000_000_000_000).open_run(store, model)  # later than every moment in here


def event(customer: str, when: str, **more: object) -> dict[str, object]:
    return {"customer_id": customer, "timestamp": when, "event": "visit", "event_id": f"{customer}1", **more}


def changed(store: Store, run: Run, since: int | None = None) -> set[str]:
    with store.database.reading() as connection:
        return changed_customers(connection, run, run.as_of if since is None else since)


def test_nothing_has_changed_after_nothing(store: Store, model: RegisteredPredictor) -> None:
    assert changed(store, seen(store, model)) == set()


def test_events_that_are_stored_later_count_whenever_they_took_place(store: Store, model: RegisteredPredictor) -> None:
    run = seen(store, model)
    store.add(pd.DataFrame([event("b", "2023-01-01T00:00:00Z", event_id="b0")]))
    assert changed(store, run) == {"b"}
    with store.database.reading() as connection:
        assert last_event(connection) > run.events_seen


def test_what_became_known_after_the_moment_counts(store: Store, model: RegisteredPredictor) -> None:
    known = {"late": "2024-03-01T00:00:00Z", "early": OLD}
    store.add(pd.DataFrame([event(name, OLD, known_at=moment) for name, moment in known.items()]))
    run = seen(store, model)
    february = pd.Timestamp("2024-02-01", tz="UTC").value // 1_000
    assert changed(store, run, february) == {"late"}
    assert changed(store, run, february - 60 * 86_400 * 10**6) == {"late", "early", "a", "b", "c", "d"}


def test_attributes_versions_of_events_and_links_count(store: Store, model: RegisteredPredictor) -> None:
    run = seen(store, model)
    store.set_attributes(pd.DataFrame({"customer_id": ["a"], "tier": ["gold"]}))
    assert changed(store, run) == {"a"}
    store.add_traits([("b", 5, {"plan": "pro"})], {"plan": "text"})
    assert changed(store, run) == {"a", "b"}
    store.add(pd.DataFrame([event("c", OLD, known_at=OLD)]))  # a copy: nothing new
    assert changed(store, run) == {"a", "b"}
    store.add(pd.DataFrame([event("c", "2023-12-31T00:00:00Z")]))  # a copy that joined the history earlier
    assert changed(store, run) == {"a", "b", "c"}
    store.add_aliases([("d", 6, "e")])
    assert changed(store, run) == {"a", "b", "c", "e"}, "d has no events left"


def test_a_decision_on_consent_changes_no_score(store: Store, model: RegisteredPredictor) -> None:
    run = seen(store, model)
    store.add_consents([Consent("a", "granted", 20, "form")])
    assert changed(store, run) == set()


def test_what_changes_while_a_run_goes_on_counts_after_it(store: Store, model: RegisteredPredictor) -> None:
    run = seen(store, model)
    with store.database.writing() as connection:
        touch(connection, ["a"])
    assert changed(store, run) == {"a"}

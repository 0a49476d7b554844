import pandas as pd

from serving.consents import Consent, read_consents
from serving.identities import Identities, all_ids, read_aliases
from serving.store import Store

START, SECOND = 1_704_067_200_000_000, 10**6  # 2024-01-01


def test_an_id_leads_to_another_from_the_moment_that_is_known() -> None:
    identities = Identities()
    identities.learn("cookie", 10, "ann")
    assert [identities.resolve("cookie", moment) for moment in (9, 10, 11)] == ["cookie", "ann", "ann"]
    assert identities.resolve("ann", 11) == "ann"


def test_the_latest_of_several_customers_of_one_browser_counts() -> None:
    identities = Identities()
    identities.learn("cookie", 20, "bob")
    identities.learn("cookie", 10, "ann")
    assert [identities.resolve("cookie", moment) for moment in (5, 15, 25)] == ["cookie", "ann", "bob"]


def test_ids_lead_on_and_never_in_a_circle() -> None:
    identities = Identities()
    identities.learn("cookie", 10, "lead")
    identities.learn("lead", 20, "ann")
    identities.learn("ann", 30, "cookie")
    identities.learn("cookie", 40, "ann")
    assert identities.resolve("cookie", 40) == "ann"
    assert identities.learnt == [("cookie", 10, "lead"), ("lead", 20, "ann")]


def test_a_circle_of_different_times_ends() -> None:
    identities = Identities({"a": [(10, "b")], "b": [(5, "a")]})
    assert identities.resolve("a", 20) in ("a", "b")


def test_a_browser_of_two_customers_is_read_to_the_end(store: Store) -> None:
    store.add_aliases([("shared", 5, "ann"), ("shared", 7, "bob"), ("bob", 9, "carl")])
    for asked in (["shared", "ann"], ["shared", "bob"], ["ann", "shared", "carl"]):
        with store.database.reading() as connection:
            known = Identities.known(connection, asked)
        assert known.aliases == {"shared": [(5, "ann"), (7, "bob")], "bob": [(9, "carl")]}


def test_what_is_kept_is_known_again(store: Store) -> None:
    assert store.add_aliases([("lead", 20, "ann"), ("cookie", 10, "lead"), ("other", 1, "bob")]) == 3
    assert store.add_aliases([("cookie", 10, "lead")]) == 0
    assert store.aliases() == [("cookie", 10, "lead"), ("lead", 20, "ann"), ("other", 1, "bob")]
    with store.database.reading() as connection:
        known = Identities.known(connection, ["cookie", "nobody"])
        assert known.resolve("cookie", 25) == "ann"
        assert "other" not in known.aliases
        assert all_ids(connection, "ann") == ["ann", "lead", "cookie"]
        assert all_ids(connection, "nobody") == ["nobody"]
        assert read_aliases(connection, ["lead"]) == [("cookie", 10, "lead"), ("lead", 20, "ann")]


def at_seconds(*seconds: int) -> pd.DataFrame:
    rows = [(f"e{second}", f"2024-01-01T00:00:{second:02d}Z") for second in seconds]
    return pd.DataFrame(rows, columns=["event_id", "timestamp"]).assign(customer_id="x", event="visit")


def test_an_alias_gives_stored_events_to_its_customer_from_its_time_on(store: Store) -> None:
    store.add(at_seconds(1, 5, 9))
    assert store.add_aliases([("x", START + 5 * SECOND, "a")]) == 1
    assert store.log(["x"]).n_events == 1
    assert store.log(["a"]).n_events == 2
    assert store.add_aliases([("x", START + 5 * SECOND, "a")]) == 0


def test_an_alias_gives_nothing_beyond_the_next_one(store: Store) -> None:
    store.add(at_seconds(1, 5, 9))
    store.add_aliases([("x", START + 5 * SECOND, "b"), ("x", START, "a")])
    assert store.log(["a"]).n_events == 1
    assert store.log(["b"]).n_events == 2


def test_an_alias_counts_for_an_event_from_when_it_was_known(store: Store) -> None:
    store.add(at_seconds(1).assign(known_at="2024-01-01T00:00:09Z"))
    store.add_aliases([("x", START + 5 * SECOND, "a")])
    assert store.customers() == ["a"]


def test_stored_events_and_consents_follow_their_customer_as_far_as_ids_lead(store: Store) -> None:
    store.add(at_seconds(1, 5, 9))
    store.add_consents([Consent("x", "revoked", START + 7 * SECOND, "form")])
    store.add_aliases([("lead", START + 6 * SECOND, "ann")])
    store.add_aliases([("x", START + 3 * SECOND, "lead")])
    assert {name: store.log([name]).n_events for name in store.customers()} == {"x": 1, "lead": 1, "ann": 1}
    assert store.suppressed() == {"x", "lead", "ann"}
    store.add_consents([Consent("x", "revoked", START + 7 * SECOND, "form")])
    with store.database.reading() as connection:
        assert len(read_consents(connection, None)) == 1

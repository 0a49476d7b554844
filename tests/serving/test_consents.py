import pytest

from serving.consents import Consent, read_consents, suppressed, write_consents
from serving.customer_routes import decide
from serving.errors import RequestError
from serving.store import Store


def test_the_latest_decision_counts(store: Store) -> None:
    decisions = [
        Consent("ann", "revoked", 20, "segment"),
        Consent("ann", "granted", 10, "form"),
        Consent("bob", "denied", 10, "form"),
        Consent("bob", "granted", 11, "form"),
        Consent("dan", "denied", 10, "form"),
        Consent("dan", "granted", 10, "form"),
        Consent("cid", "denied", 10, "form"),
    ]
    with store.database.writing() as connection:
        write_consents(connection, decisions)
    with store.database.reading() as connection:
        assert suppressed(connection, ["ann", "bob", "nobody"]) == {"ann"}
        assert suppressed(connection, None) == {"ann", "cid", "dan"}, "of two at once a refusal counts"
        assert [each.at for each in read_consents(connection, ["ann"])] == [10, 20]


def test_a_decision_that_comes_again_is_kept_once(store: Store) -> None:
    decision = Consent("ann", "revoked", 20, "segment")
    for _ in range(2):
        with store.database.writing() as connection:
            write_consents(connection, [decision, decision])
    with store.database.reading() as connection:
        assert read_consents(connection, None) == [decision]


def test_nobody_who_said_nothing_is_suppressed(store: Store) -> None:
    with store.database.reading() as connection:
        assert suppressed(connection, ["ann"]) == frozenset()


def test_who_opts_out_does_so_by_every_id_that_leads_to_them(store: Store) -> None:
    store.add_aliases([("lead", 5, "cookie"), ("cookie", 9, "ann"), ("shared", 5, "ann"), ("shared", 9, "bob")])
    everybody = ["ann", "bob", "cookie", "lead", "other", "shared"]

    def refusing() -> set[str]:
        opted_out = store.suppressed()
        assert store.suppressed(everybody) == opted_out, "asked one way or the other"
        return set(opted_out)

    assert refusing() == set()
    store.add_consents([Consent("ann", "denied", 20, "form")])
    assert refusing() == {"ann", "cookie", "lead", "shared"}
    store.add_consents([Consent("ann", "granted", 21, "form"), Consent("cookie", "denied", 4, "form")])
    assert refusing() == {"cookie", "lead"}, "and none of who they became: nobody knew of them"


def test_a_circle_of_ids_comes_to_an_end(store: Store) -> None:
    store.add_aliases([("a", 5, "b")])
    store.add_aliases([("b", 3, "a")])  # known earlier, told later
    store.add_consents([Consent("a", "denied", 20, "form")])
    assert store.suppressed() >= store.suppressed(["a", "b"]) >= {"a"}


def test_a_decision_that_is_none_is_one_sentence() -> None:
    with pytest.raises(RequestError, match="'grantd' is no decision; did you mean 'granted'"):
        Consent("ann", "grantd", 1, "form")


def test_a_decision_by_an_older_id_is_the_customers(store: Store) -> None:
    store.add_aliases([("cookie-7", 100, "ann")])
    kept = decide(store, "cookie-7", b'{"decision": "revoked"}', 200, "me")
    assert kept["customer_id"] == "ann"
    assert store.suppressed() == {"ann", "cookie-7"}, "what the older id did before stays under it, and is hers"
    assert (
        decide(store, "cookie-7", b'{"decision": "revoked", "at": "1970-01-01T00:00:00Z"}', 200, "me")["customer_id"]
        == "cookie-7"
    ), "before that it was somebody of whom nobody knew"

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


def test_who_opts_out_does_so_by_every_id_that_ever_led_there(store: Store) -> None:
    store.add_aliases([("cookie", 50, "phone"), ("phone", 60, "ann"), ("shared", 50, "ann"), ("shared", 70, "bob")])
    store.add_consents([Consent("ann", "denied", 80, "form")])
    hers = {"cookie", "phone", "shared", "ann"}
    assert store.suppressed() == hers
    assert store.suppressed([*hers, "bob", "nobody"]) == hers
    assert store.suppressed(["cookie"]) == {"cookie"}
    store.add_consents([Consent("ann", "granted", 90, "form")])
    assert store.suppressed() == store.suppressed([*hers]) == set()


def test_a_refusal_by_an_id_that_nobody_was_known_by_is_that_id_s_alone(store: Store) -> None:
    store.add_consents([Consent("cookie", "denied", 10, "banner")])
    store.add_aliases([("cookie", 50, "ann")])
    store.add_consents([Consent("ann", "granted", 60, "form")])
    assert store.suppressed() == store.suppressed(["cookie", "ann"]) == {"cookie"}


def test_a_decision_that_is_none_is_one_sentence() -> None:
    with pytest.raises(RequestError, match="'grantd' is no decision; did you mean 'granted'"):
        Consent("ann", "grantd", 1, "form")


def test_a_decision_by_an_older_id_is_the_customers(store: Store) -> None:
    store.add_aliases([("cookie-7", 100, "ann")])
    kept = decide(store, "cookie-7", b'{"decision": "revoked"}', 200, "me")
    assert kept["customer_id"] == "ann"
    assert store.suppressed() == {"ann", "cookie-7"}
    assert (
        decide(store, "cookie-7", b'{"decision": "revoked", "at": "1970-01-01T00:00:00Z"}', 200, "me")["customer_id"]
        == "cookie-7"
    ), "before that it was somebody of whom nobody knew"

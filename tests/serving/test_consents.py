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


def test_a_decision_that_is_none_is_one_sentence() -> None:
    with pytest.raises(RequestError, match="'grantd' is no decision; did you mean 'granted'"):
        Consent("ann", "grantd", 1, "form")


def test_a_decision_by_an_older_id_is_the_customers(store: Store) -> None:
    store.add_aliases([("cookie-7", 100, "ann")])
    kept = decide(store, "cookie-7", b'{"decision": "revoked"}', 200, "me")
    assert kept["customer_id"] == "ann"
    assert store.suppressed() == {"ann"}
    assert (
        decide(store, "cookie-7", b'{"decision": "revoked", "at": "1970-01-01T00:00:00Z"}', 200, "me")["customer_id"]
        == "cookie-7"
    ), "before that it was somebody of whom nobody knew"

import pytest
from sqlalchemy import select

from features.errors import ConfigError
from serving.audit import read_audit
from serving.keys import create_key, key_id_of, list_keys, revoke_key
from serving.store import Store
from serving.tables import KEYS


def test_a_key_is_shown_once_and_kept_as_a_hash(store: Store) -> None:
    secret = create_key(store.database, "shop", ["score", "ingest"], 5, "command line")
    (key,) = list_keys(store.database)
    assert key.is_opened_by(secret)
    assert not key.is_opened_by(secret + "x")
    assert not key.is_opened_by("ä")
    assert (key.key_id, key.name, key.scopes, key.created_at) == (key_id_of(secret), "shop", ("ingest", "score"), 5)
    with store.database.reading() as connection:
        assert secret not in str(connection.execute(select(KEYS)).all())
    assert key.digest not in repr(key)


def test_no_two_keys_are_the_same(store: Store) -> None:
    secrets = {create_key(store.database, "shop", ["ingest"], 5, "me") for _ in range(20)}
    assert len(secrets) == 20
    assert min(len(secret) for secret in secrets) > 50


def test_a_revoked_key_opens_nothing_and_stays_listed(store: Store) -> None:
    secret = create_key(store.database, "shop", ["admin"], 5, "me")
    revoke_key(store.database, str(key_id_of(secret)), 9, "me")
    (key,) = list_keys(store.database)
    assert key.revoked_at == 9
    assert not key.is_opened_by(secret)
    with pytest.raises(ConfigError, match=f"no key '{key.key_id}' that works"):
        revoke_key(store.database, key.key_id, 10, "me")


def test_making_and_revoking_is_in_the_audit_log(store: Store) -> None:
    key_id = str(key_id_of(create_key(store.database, "shop", ["admin"], 5, "me")))
    revoke_key(store.database, key_id, 9, "you")
    with store.database.reading() as connection:
        entries = [(entry["at"], entry["actor"], entry["action"], entry["subject"]) for entry in read_audit(connection)]
    assert entries == [(5, "me", "key.create", key_id), (9, "you", "key.revoke", key_id)]


@pytest.mark.parametrize(
    ("scopes", "words"),
    [([], "a key needs a scope; give one or more of ingest, score, admin"), (["scores"], "'score'")],
)
def test_a_scope_that_is_none_is_one_sentence(store: Store, scopes: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        create_key(store.database, "shop", scopes, 5, "me")
    assert list_keys(store.database) == []


@pytest.mark.parametrize("text", ["", "ns_", "ns_12345678", "sk_12345678_x", "12345678"])
def test_a_text_that_is_no_key_has_no_id(text: str) -> None:
    assert key_id_of(text) is None

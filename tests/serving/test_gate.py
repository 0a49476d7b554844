"""Who is let in; the served process is asked in test_guarded."""

import asyncio
import base64

import pytest
from starlette.requests import Request

from serving import gate as gates
from serving.errors import RateError, ScopeError, UnknownKeyError
from serving.gate import LOOPBACK, Gate, given_key, is_local
from serving.keys import create_key, key_id_of, revoke_key
from serving.store import Store


def asked(client: str = "127.0.0.1", **headers: str) -> Request:
    told = {"host": "127.0.0.1:3000", **{name.replace("_", "-"): text for name, text in headers.items()}}
    raw = [(name.encode(), text.encode("latin-1")) for name, text in told.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "client": (client, 5)})


def admit(gate: Gate, request: Request, scope: str = "score") -> str:
    return asyncio.run(gate.admit(request, scope))


@pytest.mark.parametrize(
    "request_",
    [
        asked(),
        asked("::1", host="[::1]:3000"),
        asked(host="localhost"),
        asked(origin="http://localhost:3000"),
        asked(sec_fetch_site="same-origin"),
    ],
)
def test_programs_on_this_machine_are_local(request_: Request) -> None:
    assert is_local(request_)


@pytest.mark.parametrize(
    "request_",
    [
        asked("10.0.0.8"),
        asked("testclient"),
        asked(host="scores.example"),  # a name that a web page made point here
        asked(host=""),
        asked(host="[::1"),
        asked(origin="https://elsewhere.example"),
        asked(origin="null"),
        asked(x_forwarded_for="10.0.0.8"),
        asked(forwarded="for=10.0.0.8"),
        asked(x_forwarded_host="scores.example"),
        asked(via="1.1 proxy"),
        asked(sec_fetch_site="cross-site"),  # a picture or form of a page elsewhere, which needs no origin
    ],
)
def test_what_comes_from_elsewhere_or_by_a_web_page_is_not(request_: Request) -> None:
    assert not is_local(request_)


def test_without_any_key_this_machine_is_let_in_and_nobody_else(store: Store) -> None:
    gate = Gate(store.database, 100)
    assert admit(gate, asked(), "admin") == LOOPBACK
    with pytest.raises(ScopeError, match="there is no API key yet, so only programs on this machine are answered"):
        admit(gate, asked("10.0.0.8"))


def test_a_key_opens_its_scope_alone(store: Store) -> None:
    secret = create_key(store.database, "crm", ["score"], 5, "me")
    gate = Gate(store.database, 100)
    assert admit(gate, asked("10.0.0.8", authorization=f"Bearer {secret}")) == key_id_of(secret)
    with pytest.raises(ScopeError, match=f"key {key_id_of(secret)} has no scope 'admin'; use one that has, or make"):
        admit(gate, asked(authorization=f"Bearer {secret}"), "admin")


def test_once_there_is_a_key_this_machine_needs_one_too(store: Store) -> None:
    secret = create_key(store.database, "crm", ["score"], 5, "me")
    revoke_key(store.database, str(key_id_of(secret)), 6, "me")
    gate = Gate(store.database, 100)
    others = [secret, f"{secret}x", f"ns_{key_id_of(secret)}_", "ns_1_2", "", "ä"]
    for request in (asked(), *(asked(authorization=f"Bearer {other}") for other in others)):
        with pytest.raises(UnknownKeyError, match="the request carries no API key that works"):
            admit(gate, request)


def test_a_revoked_key_is_known_within_a_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = create_key(store.database, "crm", ["score"], 5, "me")
    gate = Gate(store.database, 100)
    request = asked(authorization=f"Bearer {secret}")
    admit(gate, request)
    revoke_key(store.database, str(key_id_of(secret)), 6, "me")
    monkeypatch.setattr(gates, "FRESH", 0.0)
    with pytest.raises(UnknownKeyError):
        admit(gate, request)


def test_each_key_has_a_rate_of_its_own(store: Store) -> None:
    first, second = (create_key(store.database, "crm", ["score"], 5, "me") for _ in range(2))
    gate = Gate(store.database, 0.001)
    admit(gate, asked(authorization=f"Bearer {first}"))
    admit(gate, asked(authorization=f"Bearer {second}"))
    with pytest.raises(RateError, match=r"more than 0\.001 requests per second; wait \d+") as caught:
        admit(gate, asked(authorization=f"Bearer {first}"))
    assert 900 < caught.value.wait <= 1000


def test_a_key_is_a_user_name_or_a_token() -> None:
    assert given_key("Basic " + base64.b64encode(b"ns_1_2:").decode()) == "ns_1_2"
    assert given_key("bearer  ns_1_2") == "ns_1_2"
    for nothing in ("", "Basic", "Basic !", "Basic /w==", "Digest x", "ns_1_2"):
        assert given_key(nothing) == ""

"""Who has no key sees no page, and no other site acts with the key of a reader."""

import pytest

from serving.keys import create_key
from serving.pages.session import COOKIE
from tests.serving.pages.conftest import HERE, Visitor
from tests.serving.scored import ScoredStore


@pytest.fixture
def keys(own_scored: ScoredStore) -> dict[str, str]:
    database = own_scored.store.database
    return {scope: create_key(database, scope, [scope], 5, "tests") for scope in ("score", "ingest", "admin")}


@pytest.fixture
def guarded(own_scored: ScoredStore, keys: dict[str, str]) -> Visitor:
    assert keys
    return Visitor(own_scored)


def enter(client: Visitor, secret: str, origin: str = HERE, there: str = "/dashboard/flows?period=1") -> int:
    """Sends the form and returns the status; the browser keeps the cookie."""
    return client.post("/sign-in", data={"key": secret, "next": there}, headers={"Origin": origin}).status_code


def test_a_stranger_is_led_to_the_form_and_back(guarded: Visitor, keys: dict[str, str]) -> None:
    answer = guarded.get("/dashboard/flows?period=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/dashboard/flows%3Fperiod%3D1"
    assert 'value="/dashboard/flows?period=1"' in guarded.get(answer.headers["location"]).text
    answer = guarded.post(
        "/sign-in", data={"key": keys["score"], "next": "/dashboard/flows?period=1"}, headers={"Origin": HERE}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/flows?period=1")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert guarded.get("/dashboard/flows").status_code == 200
    assert guarded.get("/dashboard/data/map.json").status_code == 200
    assert guarded.post("/sign-out", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert guarded.get("/dashboard/flows").status_code == 200
    assert guarded.post("/sign-out", headers={"Origin": HERE}).status_code == 303
    assert guarded.get("/dashboard/flows").status_code == 303


@pytest.mark.parametrize("scope", ["ingest", "none"])
def test_another_key_opens_nothing(guarded: Visitor, keys: dict[str, str], scope: str) -> None:
    assert enter(guarded, keys.get(scope, "ns_1_2")) == 401
    assert COOKIE not in guarded.cookies


def test_a_form_of_another_site_signs_nobody_in(guarded: Visitor, keys: dict[str, str]) -> None:
    assert enter(guarded, keys["score"], "https://elsewhere.example") == 403
    assert COOKIE not in guarded.cookies


def test_the_way_back_never_leads_elsewhere(guarded: Visitor, keys: dict[str, str]) -> None:
    for there in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/a\nSet-Cookie: b"):
        answer = guarded.post("/sign-in", data={"key": keys["score"], "next": there}, headers={"Origin": HERE})
        assert answer.headers["location"] == "/"


def test_the_cookie_writes_only_for_pages_of_this_service(guarded: Visitor, keys: dict[str, str]) -> None:
    assert enter(guarded, keys["admin"]) == 401  # an admin's key alone cannot look
    guarded.cookies.set(COOKIE, keys["admin"])
    body = {"order_by": "churn_prob", "top": 3}
    for origin in ("https://elsewhere.example", "http://127.0.0.1:4000", "null"):
        assert guarded.put("/segments/mine", json=body, headers={"Origin": origin}).status_code == 401
    assert guarded.put("/segments/mine", json=body).status_code == 401
    cross = {"Origin": HERE, "Sec-Fetch-Site": "cross-site"}
    assert guarded.put("/segments/mine", json=body, headers=cross).status_code == 401
    assert guarded.put("/segments/mine", json=body, headers={"Origin": HERE}).status_code == 200


def test_the_styles_are_for_everybody(guarded: Visitor) -> None:
    assert guarded.get("/static/app.css").status_code == 200


def test_without_keys_another_machine_sees_nothing(scored: ScoredStore) -> None:
    answer = Visitor(scored, "192.0.2.1").get("/")
    assert answer.status_code == 403
    assert "there is no API key yet" in answer.text

"""Every route of the served process asks for the scope it says it needs."""

import base64
import time

import httpx
import pytest

from serving.keys import SCOPES, create_key, key_id_of, revoke_key
from serving.openapi import describe_api
from tests.serving.conftest import Keyed
from tests.serving.test_routes import assert_problem

ROUTES = [
    (method.upper(), path.replace("{customer_id}", "nobody"), operation.get("security"))
    for path, operations in describe_api()["paths"].items()
    for method, operation in operations.items()
    if method != "parameters"
]
GUARDED = [(method, path, security[0]["basic"][0]) for method, path, security in ROUTES if security]
PAGES = [path for _, path, security in ROUTES if security and path.startswith("/dashboard") and "/data/" not in path]


@pytest.mark.parametrize(("method", "path", "scope"), [route for route in GUARDED if route[1] not in PAGES])
def test_a_guarded_route_wants_a_key_with_its_scope(keyed: Keyed, method: str, path: str, scope: str) -> None:
    without = keyed.client.request(method, path)
    assert_problem(without, 401)
    assert without.headers["www-authenticate"] == 'Basic realm="nextstage"'
    for other in set(SCOPES) - {scope}:
        assert_problem(keyed.client.request(method, path, headers=keyed.as_(other)), 403)
    assert keyed.client.request(method, path, headers=keyed.as_(scope)).status_code not in (401, 403)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_a_key_where_there_is_none(keyed: Keyed, path: str) -> None:
    without = keyed.client.get(path, headers={"Accept": "text/html"})
    assert (without.status_code, without.headers["location"].split("?")[0]) == (303, "/sign-in")
    assert_problem(keyed.client.get(path), 401)  # a program cannot fill in a form
    assert keyed.client.get(path, headers=keyed.as_("ingest")).status_code == 403
    assert keyed.client.get(path, headers=keyed.as_("score")).status_code not in (303, 401, 403)


OPEN = [path for method, path, security in ROUTES if not security and method == "GET" and "{" not in path]


@pytest.mark.parametrize("path", OPEN)
def test_the_other_routes_are_open_and_tell_nothing(keyed: Keyed, path: str) -> None:
    answer = keyed.client.get(path)
    assert answer.status_code == 200
    assert "small" not in answer.text


def test_a_key_is_the_user_name_as_well(keyed: Keyed) -> None:
    secret = keyed.keys["score"]
    assert keyed.client.get("/model", auth=(secret, "")).status_code == 200
    without_colon = base64.b64encode(secret.encode()).decode()
    assert keyed.client.get("/model", headers={"Authorization": f"Basic {without_colon}"}).status_code == 200


def test_a_revoked_key_is_refused_within_a_second(keyed: Keyed) -> None:
    secret = create_key(keyed.store.database, "crm", ["score"], 5, "me")
    time.sleep(1.1)
    assert keyed.client.get("/model", auth=(secret, "")).status_code == 200
    revoke_key(keyed.store.database, str(key_id_of(secret)), 6, "me")
    time.sleep(1.1)
    assert_problem(keyed.client.get("/model", auth=(secret, "")), 401)


def test_without_keys_only_this_machine_is_answered(service: httpx.Client) -> None:
    assert service.get("/model").status_code == 200
    for name, value in (
        ("X-Forwarded-For", "10.0.0.8"),
        ("Host", "scores.example"),
        ("Origin", "https://elsewhere.example"),
    ):
        assert_problem(service.get("/model", headers={name: value}), 403)

"""Segments asked for, tried out, kept and forgotten over HTTP."""

import csv
import io
from typing import Any
from urllib.parse import quote

import pytest

from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.consents import Consent
from tests.serving.conftest import Keyed
from tests.serving.test_routes import assert_problem

RISK = "at risk, ü"
PLACE = "/segments/at%20risk"
RULE = {"where": "churn_28d > 0", "order_by": "churn_28d", "top": 5}


@pytest.fixture(scope="module")
def scored(keyed: Keyed, model: RegisteredPredictor, cutoff: int) -> Keyed:
    keyed.store.add_scores(score_all(keyed.store, model, cutoff), model, scored_at=5)
    return keyed


def test_a_segment_is_tried_kept_listed_and_forgotten(scored: Keyed) -> None:
    reader, admin = scored.as_("score"), scored.as_("admin")
    tried = scored.client.post("/segments/preview", json={"name": "at risk", **RULE}, headers=reader).json()
    assert (tried["size"], tried["changes"]) == (5, None)
    assert scored.client.get("/segments", headers=reader).json() == {"segments": []}
    kept = scored.client.put(PLACE, json=RULE, headers=admin).json()
    assert kept["preview"] == {**tried, "name": "at risk"}
    assert kept["definition"] == {"name": "at risk", **RULE}
    assert scored.client.get(PLACE, headers=reader).json() == kept
    assert scored.client.get("/segments", headers=reader).json() == {"segments": [kept]}
    again = scored.client.post("/segments/preview", json={"name": "at risk", **RULE}, headers=reader).json()
    assert again["changes"] == {"entered": 0, "left": 0, "kept": 5}
    assert scored.client.delete(PLACE, headers=admin).json() == {"deleted": "at risk"}
    for method in ("GET", "DELETE"):
        assert_problem(scored.client.request(method, PLACE, headers=reader if method == "GET" else admin), 404)


def test_members_come_as_json_and_csv_page_by_page_without_who_opted_out(scored: Keyed) -> None:
    scored.client.put(PLACE, json=RULE, headers=scored.as_("admin"))
    place, headers = f"{PLACE}/members", scored.as_("score")
    whole = scored.client.get(place, headers=headers).json()
    assert [member["place"] for member in whole["members"]] == [1, 2, 3, 4, 5]
    first = scored.client.get(place, params={"limit": 2}, headers=headers).json()
    second = scored.client.get(place, params={"limit": 9, "cursor": first["cursor"]}, headers=headers).json()
    assert first["members"] + second["members"] == whole["members"]
    table = scored.client.get(place, params={"limit": 2, "format": "csv"}, headers=headers)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    read = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["customer_id"] for row in read] == [member["customer_id"] for member in first["members"]]
    after = scored.client.get(table.links["next"]["url"], headers=headers)
    assert after.text.count("\r\n") == 3
    refused = whole["members"][0]["customer_id"]
    scored.store.add_consents([Consent(refused, "revoked", 5, "form")])
    assert refused not in scored.client.get(place, headers=headers).text


def test_each_scope_opens_its_routes_alone(scored: Keyed) -> None:
    for method, path, scope in [
        ("GET", "/segments", "ingest"),
        ("POST", "/segments/preview", "admin"),
        ("PUT", PLACE, "score"),
        ("DELETE", PLACE, "score"),
        ("GET", f"{PLACE}/members", "ingest"),
    ]:
        assert_problem(scored.client.request(method, path, headers=scored.as_(scope)), 403)
        assert_problem(scored.client.request(method, path), 401)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"where": "chrun_28d > 0.5"}, "where, character 1: no column 'chrun_28d'; did you mean 'churn_28d'?"),
        ({"where": "stage == 'regulr'"}, "did you mean 'regular'?"),
        ({"where": "__import__('os')"}, "where, character 11"),
        ({"wher": "x"}, "body: unknown key 'wher'; did you mean 'where'?"),
        ({"order_by": "chrun_28d"}, "did you mean 'churn_28d'?"),
        ({"cost": 1}, "cost and value come together"),
        ({"name": "other"}, "the body is about segment 'other' and the path about 'x'"),
        ([], "the body is no object"),
    ],
)
def test_a_segment_that_is_wrong_is_a_problem_and_is_not_kept(scored: Keyed, body: Any, says: str) -> None:
    answer = scored.client.put("/segments/x", json=body, headers=scored.as_("admin"))
    assert_problem(answer, 422)
    assert says in answer.json()["detail"]
    assert_problem(scored.client.get("/segments/x", headers=scored.as_("score")), 404)


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "10001"}, {"limit": "²"}, {"limit": "9" * 5_000}, {"format": "xml"}, {"cursor": "x"}],
)
def test_what_cannot_be_paged_is_a_problem(scored: Keyed, query: dict[str, str]) -> None:
    scored.client.put("/segments/paged", json=RULE, headers=scored.as_("admin"))
    assert_problem(scored.client.get("/segments/paged/members", params=query, headers=scored.as_("score")), 422)


def test_a_body_that_is_too_large_is_a_problem(scored: Keyed) -> None:
    answer = scored.client.post("/segments/preview", content=b"x" * 20_000, headers=scored.as_("score"))
    assert_problem(answer, 413)


def test_a_name_is_sent_percent_encoded(scored: Keyed) -> None:
    name = "käse ü-1.2"
    assert scored.client.put(f"/segments/{quote(name)}", json=RULE, headers=scored.as_("admin")).json()["name"] == name
    assert_problem(scored.client.put("/segments/a%2Fb", json=RULE, headers=scored.as_("admin")), 422)
    assert_problem(scored.client.get("/segments/a%00b", headers=scored.as_("score")), 422)

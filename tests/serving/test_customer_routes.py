"""One customer, looked at, handed over and erased by the served process."""

import json
from typing import Any
from urllib.parse import quote

import pandas as pd
import pytest

from serving.audit import hashed, read_audit
from serving.keys import key_id_of
from tests.serving.conftest import Keyed
from tests.serving.test_routes import assert_problem
from tests.serving.test_tracking_routes import send, track
from tests.traces import traces

ODD = "käse/brot?=ü 4711"


def test_a_customer_is_looked_at(keyed: Keyed) -> None:
    send(keyed, "/v1/import", {"batch": [track(ODD, timestamp=f"2024-0{month}-01T00:00:00Z") for month in (1, 2, 3)]})
    answer = keyed.client.get(f"/customers/{quote(ODD, safe='')}?events=2", headers=keyed.as_("score"))
    view = answer.json()
    assert (view["customer_id"], view["stage"], view["events_total"], len(view["events"])) == (ODD, "lapsed", 3, 2)
    for bad in ("-1", "many", "1001", "²", "9" * 5_000):
        assert_problem(keyed.client.get("/customers/c0001", params={"events": bad}, headers=keyed.as_("score")), 422)
    assert_problem(keyed.client.get("/customers/nobody", headers=keyed.as_("score")), 404)
    assert_problem(keyed.client.get("/customers/c0001", params={"explain": "1"}, headers=keyed.as_("score")), 422)


def test_a_customer_comes_with_the_very_bytes_of_a_score_request(keyed: Keyed) -> None:
    headers = keyed.as_("score")
    answer = keyed.client.get("/customers/c0004", headers=headers)
    view = answer.json()
    question = {"customer_ids": ["c0004"], "as_of": view["as_of"]}
    scores = keyed.client.post("/score", json=question, headers=headers)
    bare = scores.content.partition(b'"scores":[')[2].removesuffix(b"]}")
    assert b'"scores":' + bare + b"}" in answer.content
    assert view["model"] == scores.json()["model"]
    assert "reasons" not in view["scores"]
    told = keyed.client.get("/customers/c0004", params={"explain": "true"}, headers=headers).json()
    assert told["scores"]["reasons"].keys() == {"next_stage", "purchase"}, "churn is not asked of who is gone"
    for scope in ("ingest", "admin"):
        assert_problem(keyed.client.get("/customers/c0004", headers=keyed.as_(scope)), 403)


def test_who_is_known_by_attributes_alone_or_opted_out_is_answered_without_scores(keyed: Keyed) -> None:
    headers = keyed.as_("score")
    send(keyed, "/v1/identify", {"userId": "no-events", "traits": {"plan": "pro"}})
    view = keyed.client.get("/customers/no-events", headers=headers).json()
    assert (view["stage"], view["scores"], view["attributes"], view["events"]) == (None, None, {"plan": "pro"}, [])
    refused = {"decision": "denied"}
    keyed.client.put("/customers/c0005/consent", json=refused, headers=keyed.as_("admin"))
    view = keyed.client.get("/customers/c0005", headers=headers).json()
    assert (view["suppressed"], view["scores"]) == (True, {"customer_id": "c0005", "suppressed": True})


def test_a_decision_is_kept_and_noted(keyed: Keyed) -> None:
    headers, place = keyed.as_("admin"), "/customers/c0002/consent"
    decided = keyed.client.put(place, json={"decision": "denied", "source": "form"}, headers=headers).json()
    assert (decided["customer_id"], decided["decision"], decided["source"]) == ("c0002", "denied", "form")
    assert keyed.store.suppressed(["c0001", "c0002"]) == {"c0002"}
    with keyed.store.database.reading() as connection:
        entry = read_audit(connection)[-1]
        assert (entry["action"], entry["subject"]) == ("customer.consent", hashed(connection, "c0002"))
    assert entry["actor"] == key_id_of(keyed.keys["admin"])
    keyed.client.put(place, json={"decision": "granted"}, headers=headers)
    keyed.client.put(place, json={"decision": "denied", "at": "2020-01-01T00:00:00Z"}, headers=headers)
    assert keyed.client.get("/customers/c0002", headers=keyed.as_("score")).json()["consent"] == "granted"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"decision": "maybe"}, 422),
        ({"decision": "granted", "at": "2999-01-01T00:00:00Z"}, 422),
        ({"decision": "granted", "at": "2024-01-01T00:00:00"}, 422),
        ({"decision": "granted", "why": "x"}, 422),
        ([], 422),
        ("x" * 5_000, 413),
    ],
)
def test_a_decision_that_is_none_is_a_problem(keyed: Keyed, body: Any, status: int) -> None:
    content = json.dumps(body).encode()
    answer = keyed.client.put("/customers/c0003/consent", content=content, headers=keyed.as_("admin"))
    assert_problem(answer, status)
    assert keyed.client.get("/customers/c0003", headers=keyed.as_("score")).json()["consent"] is None


def test_who_is_erased_leaves_no_byte_in_the_folder(keyed: Keyed) -> None:
    name, cookie = "erase-me-4711", "cookie-of-4711/ü +x"
    send(keyed, "/v1/batch", {"batch": [track(cookie), track(name, messageId=f"{name}-1", properties={"value": 2})]})
    send(keyed, "/v1/identify", {"userId": name, "anonymousId": cookie, "traits": {"plan": "pro"}})
    place, headers = f"/customers/{name}", keyed.as_("admin")
    keyed.client.put(f"{place}/consent", json={"decision": "granted"}, headers=headers)
    held = keyed.client.get(f"{place}/export", headers=headers).json()
    assert [record["customer_id"] for record in held["records"]] == [name, cookie]
    written = pd.DataFrame({"customer_id": [name, "c0001"], "churn_prob": [0.1, 0.2]})
    written.to_parquet(keyed.folder / "scores.parquet")
    (keyed.folder / "audiences").mkdir(exist_ok=True)
    written.to_csv(keyed.folder / "audiences" / "leaving.csv", index=False)
    assert traces(keyed.folder, name)
    assert traces(keyed.folder, cookie)
    receipt = keyed.client.delete(place, headers=headers).json()
    counts = {
        "events": 2,
        "customers": 2,
        "dated_attributes": 1,
        "consents": 1,
        "scores": 0,
        "campaign_members": 0,
        "shadow_scores": 0,
        "segment_members": 0,
        "leaders": 0,
        "personas": 0,
        "estimates": 0,
    }
    assert receipt["erased"] == counts | {"aliases": 1, "rows_of_files": 2, "pushes": 0, "exported_files": 0}
    assert traces(keyed.folder, name) == traces(keyed.folder, cookie) == []
    assert_problem(keyed.client.get(f"{place}/export", headers=headers), 404)
    assert_problem(keyed.client.delete(place, headers=headers), 404)
    with keyed.store.database.reading() as connection:
        entries = [entry for entry in read_audit(connection) if entry["subject"] == hashed(connection, name)]
    assert [entry["action"] for entry in entries] == ["customer.consent", "customer.export", "customer.erase"]
    assert entries[-1]["detail"]["receipt"] == receipt["receipt"]

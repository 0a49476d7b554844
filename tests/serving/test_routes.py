"""Whatever a client sends, the served process answers in one sentence and its store stays as it was."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from serving.routes import LARGEST_BODY
from serving.store import Store

EVENT = {"customer_id": "a", "timestamp": "2024-01-01T00:00:00Z", "event": "visit"}


def body(**question: Any) -> bytes:
    return json.dumps(question).encode()


BAD = {
    "unknown customer": (404, body(customer_ids=["nobody"])),
    "one unknown among known": (404, body(customer_ids=["c0001", "nobody"])),
    "no body": (400, b""),
    "half a document": (400, b'{"customer_ids": ["c0001"'),
    "not UTF-8": (400, b'{"customer_ids": ["\xe4"]}'),
    "nested without end": (400, b"[" * 100_000),
    "too large": (413, b" " * (LARGEST_BODY + 1)),
    "no object": (422, b"[]"),
    "neither": (422, b"{}"),
    "both": (422, body(customer_ids=["c0001"], events=[EVENT])),
    "no ids": (422, body(customer_ids=[])),
    "no events": (422, body(events=[])),
    "too many": (422, body(customer_ids=["c0001"] * 10_001)),
    "numbers as ids": (422, body(customer_ids=[1])),
    "unknown key": (422, body(customer_ids=["c0001"], asof="2024-01-01T00:00:00Z")),
    "zone-less cutoff": (422, body(customer_ids=["c0001"], as_of="2024-01-01T00:00:00")),
    "no time": (422, body(customer_ids=["c0001"], as_of="soon")),
    "zone-less event": (422, body(events=[EVENT | {"timestamp": "2024-01-01T00:00:00"}])),
    "impossible day": (422, body(events=[EVENT | {"timestamp": "2024-02-30T00:00:00Z"}])),
    "seconds as time": (422, body(events=[EVENT | {"timestamp": 1704067200}])),
    "text as value": (422, body(events=[EVENT | {"value": "5"}])),
    "NaN as value": (422, body(events=[EVENT | {"value": float("nan")}])),
    "lone surrogate": (422, body(customer_ids=["\ud800"])),
    "wrong kind of attribute": (422, body(events=[EVENT], attributes={"a": {"tier": 1}})),
}


@pytest.fixture(scope="module", autouse=True)
def _store_unchanged(filled: tuple[str, Store]) -> Iterator[None]:
    before = filled[1].log().fingerprint()
    yield
    assert filled[1].log().fingerprint() == before


@pytest.mark.parametrize("case", BAD)
def test_a_bad_request_is_answered_in_one_sentence(service: httpx.Client, case: str) -> None:
    status, content = BAD[case]
    answer = service.post("/score", content=content)
    assert_problem(answer, status)


def test_unknown_paths_and_methods_are_problems_too(service: httpx.Client) -> None:
    assert_problem(service.get("/scores"), 404)
    assert_problem(service.get("/score"), 405)
    assert_problem(service.put("/model"), 405)


def test_the_service_still_answers_after_all_that(service: httpx.Client) -> None:
    assert service.post("/score", content=body(customer_ids=["c0001"])).status_code == 200


def test_reasons_are_in_the_language_that_is_accepted_and_in_english_without(service: httpx.Client) -> None:
    asked, headers = body(customer_ids=["c0001"], as_of="2024-06-20T00:00:00Z", explain=True), {"Accept-Language": "pl"}
    plain, told = (service.post("/score", content=asked, headers=given).json()["scores"][0] for given in ({}, headers))
    english, polish = plain.pop("reasons"), told.pop("reasons")
    assert plain == told
    for kind, reasons in english.items():
        assert [{**reason, "words": ""} for reason in reasons] == [{**reason, "words": ""} for reason in polish[kind]]
    said = [[reason["words"] for own in each.values() for reason in own] for each in (english, polish)]
    assert any("w ciągu ostatnich" in words or "zdarzenie" in words for words in said[1])
    assert not {*said[0]} & {*said[1]}


def test_ten_thousand_customers_are_one_question(service: httpx.Client) -> None:
    answer = service.post("/score", content=body(customer_ids=["c0001"] * 10_000))
    assert len(answer.json()["scores"]) == 10_000


def test_requests_are_counted_by_template_and_ages_are_told(service: httpx.Client) -> None:
    service.get("/customers/c0001")
    service.get("/customers/c0001/nowhere")
    told = service.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    assert 'nextstage_requests_total{method="GET",route="/customers/{customer_id}",status="200"}' in told.text
    assert 'route="elsewhere",status="404"' in told.text
    assert "c0001" not in told.text
    assert "nextstage_data_age_seconds" in told.text
    assert 'nextstage_model{name="small",version="1"} 1.0' in told.text


def test_pages_of_the_framework_are_not_served(service: httpx.Client) -> None:
    for path in ("/docs.json", "/schema.json", "/static_content/index.html", "/score/"):
        assert_problem(service.get(path), 404)


def assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert "Traceback" not in answer.text
    assert "\n" not in problem["detail"]
    assert len(problem["detail"]) < 400

import json
from typing import Any

import pytest

from serving.errors import MalformedBodyError, RequestError
from serving.schemas import MOST, parse_request

EVENT = {"customer_id": "a", "timestamp": "2024-01-01T00:00:00Z", "event": "visit"}


def test_a_question_about_stored_customers() -> None:
    assert parse_request(b'{"customer_ids": ["a", "b"]}').customer_ids == ["a", "b"]


def test_whole_numbers_are_numbers() -> None:
    request = parse_request(json.dumps({"events": [EVENT | {"value": 3}], "attributes": {"a": {"age": 4}}}).encode())
    assert request.events is not None
    assert request.events[0].value == 3.0
    assert request.attributes == {"a": {"age": 4.0}}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nothing", b"\xff{}", b"[" * 100_000, b'{"as_of": ' + b"1" * 5_000 + b"}", b"'a'"]
)
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBodyError, match="the body is not JSON in UTF-8"):
        parse_request(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "body holds a list"),
        (None, "body holds nothing"),
        ({}, "give either 'customer_ids' or 'events'"),
        ({"customer_ids": ["a"], "events": [EVENT]}, "give either 'customer_ids' or 'events'"),
        ({"customer_ids": []}, "key 'customer_ids' is empty; give at least one entry"),
        ({"events": []}, "key 'events' is empty; give at least one entry"),
        ({"customer_ids": ["a"] * (MOST + 1)}, "at most 10000 items"),
        ({"customer_ids": "a"}, "key 'customer_ids'"),
        ({"customer_ids": [1]}, "key 'customer_ids.0'"),
        ({"customer_ids": [None]}, "key 'customer_ids.0'"),
        ({"customer_ids": [""]}, "key 'customer_ids.0'"),
        ({"customer_ids": ["\ud800"]}, "key 'customer_ids.0'"),
        ({"customer_ids": ["a"], "as_off": "x"}, "unknown key 'as_off'; did you mean 'as_of'"),
        ({"customer_ids": ["a"], "as_of": 5}, "key 'as_of'"),
        ({"events": [EVENT | {"chanel": "web"}]}, "unknown key 'events.0.chanel'; did you mean 'channel'"),
        ({"events": [{"customer_id": "a", "event": "visit"}]}, "key 'events.0.timestamp' is missing"),
        ({"events": [EVENT | {"value": "5"}]}, "key 'events.0.value'"),
        ({"events": [EVENT | {"value": True}]}, "key 'events.0.value'"),
        ({"events": [EVENT | {"value": float("nan")}]}, "key 'events.0.value'"),
        ({"events": [EVENT | {"value": float("inf")}]}, "key 'events.0.value'"),
        ({"events": [EVENT | {"value": 10**400}]}, "key 'events.0.value'"),
        ({"events": [EVENT | {"timestamp": 1704067200}]}, "key 'events.0.timestamp'"),
        ({"events": [EVENT | {"event": None}]}, "key 'events.0.event'"),
        ({"events": ["visit"]}, "key 'events.0'"),
        ({"events": [EVENT], "attributes": {"b": {"age": 4}}}, "names customer 'b' without an event"),
        ({"events": [EVENT], "attributes": {"a": {"age": [4]}}}, "key 'attributes.a.age"),
        ({"events": [EVENT], "attributes": {"a": {"age": True}}}, "key 'attributes.a.age"),
        ({"customer_ids": ["a"], "attributes": {"a": {"age": 4}}}, "'attributes' come with 'events'"),
    ],
)
def test_a_question_that_is_none_is_one_sentence(body: Any, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        parse_request(json.dumps(body).encode())
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, MalformedBodyError)

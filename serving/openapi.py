"""The service's description by OpenAPI 3.1: BentoML's own leaves out what it did not make itself."""

from http import HTTPStatus
from typing import Any

from pydantic.json_schema import models_json_schema

from features.sources.segment_message import KINDS
from serving.customer_routes import ConsentRequest
from serving.examples import ALIVE, METRICS, MODEL, PLACES, READY, SCORES
from serving.keys import ADMIN, INGEST, SCORE
from serving.schemas import Problem, ScoreRequest, ScoreResponse

ERRORS = {
    "400": "The body is not JSON in UTF-8",
    "401": "There are keys, and the request carries none that works",
    "403": "The key has no scope for this, or there are no keys and the request comes from another machine",
    "404": "The store knows no such customer",
    "413": "The body is too large",
    "422": "The body says something that cannot be answered",
    "429": "The key asks too often; Retry-After says how many seconds to wait",
    "503": "The store does not answer",
    "504": "It took too long",
}
GUARDED = ("401", "403", "429", "503", "504")
WITH_BODY = (*GUARDED, "400", "413", "422")
TRACK = {
    "type": "track",
    "userId": "352",
    "event": "Order Completed",
    "messageId": "order-1001",
    "timestamp": "2026-01-31T12:00:00Z",
    "properties": {"revenue": 27.98},
    "context": {"campaign": {"medium": "email"}},
}
MESSAGES: dict[str, dict[str, Any]] = {
    "track": TRACK,
    "identify": {"userId": "352", "anonymousId": "cookie-9", "traits": {"plan": "pro", "seats": 3}},
    "page": {"anonymousId": "cookie-9", "name": "Pricing"},
    "screen": {"anonymousId": "phone-9", "name": "Basket"},
    "group": {"userId": "352", "groupId": "acme", "traits": {"employees": 420}},
    "alias": {"previousId": "cookie-9", "userId": "352"},
}
CUSTOMER = {
    "customer_id": "352",
    "as_of": "2026-01-31T12:00:01Z",
    "stage": "occasional",
    "timeline": [{"stage": "occasional", "entered_at": "2026-01-31T12:00:00Z", "left_at": None}],
    "attributes": {"plan": "pro"},
    "consent": "granted",
    "suppressed": False,
    "events_total": 1,
    "events": [{"timestamp": "2026-01-31T12:00:00Z", "event": "purchase", "channel": "email", "value": 27.98}],
}
RECEIPT = {
    "receipt": "5d41402abc4b2a76b9719d911017c592",
    "customer_hash": "a salted SHA-256",
    "erased_at": "2026-01-31T12:00:01Z",
    "erased": {
        "events": 12,
        "customers": 1,
        "consents": 1,
        "scores": 3,
        "shadow_scores": 1,
        "aliases": 1,
        "rows_of_files": 1,
        "pushes": 1,
        "exported_files": 0,
    },
}
EXPORT = {"customer_id": "352", "exported_at": "2026-01-31T12:00:01Z", "aliases": [], "records": []}
DECISION = {"decision": "revoked", "at": "2026-01-31T12:00:00Z", "source": "preference centre"}
PATH_ID = {"name": "customer_id", "in": "path", "required": True, "schema": {"type": "string"}}
EVENTS = {"name": "events", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 1000}}


def describe_api() -> dict[str, Any]:
    """Returns the OpenAPI document of every route."""
    described = [(ScoreRequest, "validation"), (ConsentRequest, "validation"), (ScoreResponse, "serialization")]
    _, schemas = models_json_schema(
        [*described, (Problem, "serialization")],  # type: ignore[list-item]  # pydantic's literals
        ref_template="#/components/schemas/{model}",
    )
    basic = {"type": "http", "scheme": "basic", "description": "The key is the user name; the password stays empty"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "nextstage", "version": "1"},
        "paths": {**_scores(), **_tracking(), **_customers(), **_operations()},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"basic": basic, "bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _scores() -> dict[str, Any]:
    question = {"customer_ids": ["352", "13"], "as_of": "2026-01-31T12:00:00Z"}
    score = _operation("Score customers of the store, or the customers of events in the body", SCORE, WITH_BODY)
    score["requestBody"] = {"required": True, **_content("ScoreRequest", question)}
    answered = {"description": "The scores, in the order of the question"}
    score["responses"] |= {"200": answered | _content("ScoreResponse", SCORES), "404": _problem("404")}
    summary = "Which model answers, what it predicts, what it learnt from and how it did in its test"
    return {"/score": {"post": score}, "/model": {"get": _operation(summary, SCORE, GUARDED, MODEL)}}


def _tracking() -> dict[str, Any]:
    batch = {"batch": [TRACK, {"type": "identify", **MESSAGES["identify"]}], "sentAt": "2026-01-31T12:00:01Z"}
    summaries = {kind: f"Take one {kind} message of Segment's specification, at most 32 KB" for kind in KINDS}
    summaries["batch"] = "Take messages of up to 500 KB together, all of them or none"
    summaries["import"] = "Take a batch of history: each message counts as known when it happened"
    paths = {}
    for name, summary in summaries.items():
        operation = _operation(summary, INGEST, WITH_BODY, {"success": True})
        operation["requestBody"] = {"required": True, **_content(None, MESSAGES.get(name, batch))}
        paths[f"/v1/{name}"] = {"post": operation}
    return paths


def _customers() -> dict[str, Any]:
    path = "/customers/{customer_id}"
    known = (*GUARDED, "404")
    view = _operation("The stage, how it came about, and the latest events", SCORE, (*known, "422"), CUSTOMER)
    erase = _operation("Erase everything about a customer, and say what it was", ADMIN, known, RECEIPT)
    export = _operation("Everything that is held about a customer", ADMIN, known, EXPORT)
    consent = _operation("Keep a customer's decision about being scored", ADMIN, WITH_BODY, DECISION)
    consent["requestBody"] = {"required": True, **_content("ConsentRequest", DECISION)}
    operations = {
        path: {"get": view, "delete": erase, "parameters": [PATH_ID]},
        f"{path}/export": {"get": export, "parameters": [PATH_ID]},
        f"{path}/consent": {"put": consent, "parameters": [PATH_ID]},
    }
    view["parameters"] = [EVENTS]
    return operations


def _operations() -> dict[str, Any]:
    answers: dict[str, tuple[str, Any]] = {
        "/": ("Where to find what", PLACES),
        "/openapi.json": ("This document", {"openapi": "3.1.0", "info": {"title": "nextstage", "version": "1"}}),
        "/healthz": ("Answers while the process lives", ALIVE),
        "/livez": ("Answers while the process lives", ALIVE),
        "/readyz": ("Answers while the model is loaded and the store answers", READY),
    }
    metrics = _operation("What Prometheus reads", SCORE, GUARDED)
    metrics["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}, "example": METRICS}}
    open_to_all = {
        path: {"get": _operation(summary, None, ("503", "504"), shown)} for path, (summary, shown) in answers.items()
    }
    return {**open_to_all, "/metrics": {"get": metrics}}


def _operation(summary: str, scope: str | None, errors: tuple[str, ...], example: Any = None) -> dict[str, Any]:
    answered = {"200": {"description": summary, **(_content(None, example) if example else {})}}
    security = {"security": [{"basic": [scope]}, {"bearer": [scope]}]} if scope else {}
    return {"summary": summary, **security, "responses": answered | {status: _problem(status) for status in errors}}


def _problem(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    example = {"type": "about:blank", "title": HTTPStatus(int(status)).phrase, "status": int(status)}
    return {
        "description": ERRORS[status],
        "content": {"application/problem+json": {"schema": schema, "example": example | {"detail": ERRORS[status]}}},
    }


def _content(schema: str | None, example: Any = None) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}}
    return {"content": {"application/json": described | ({"example": example} if example else {})}}

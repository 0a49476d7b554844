"""The service's description by OpenAPI 3.1: BentoML's own leaves out what it did not make itself."""

from http import HTTPStatus
from typing import Any

from pydantic.json_schema import models_json_schema

from features.sources.segment_message import KINDS
from serving.answers import ANSWERS
from serving.customer_routes import ConsentRequest
from serving.examples import (
    ALIVE,
    ARMS,
    CAMPAIGN,
    CSV,
    CUSTOMER,
    DECISION,
    EXPORT,
    FORM,
    KEPT_SEGMENT,
    MEMBERS,
    MESSAGES,
    METRICS,
    MODEL,
    PAGE,
    PANEL_EXAMPLES,
    PLACES,
    PREVIEW,
    READY,
    RECEIPT,
    REPORT,
    SCORES,
    SEGMENT,
    STYLE,
    TRACK,
)
from serving.keys import ADMIN, INGEST, SCORE
from serving.message_schemas import batch_schema, message_schema
from serving.pages.static_files import TYPES
from serving.parameters import ACCEPTED, OF_PATHS, OUTCOME, PAGING, VIEWED
from serving.parameters import CAMPAIGN as CAMPAIGN_NAME
from serving.parameters import CUSTOMER as CUSTOMER_ID
from serving.parameters import SEGMENT as SEGMENT_NAME
from serving.schemas import Problem, ScoreRequest, ScoreResponse
from serving.segments.segment import SegmentDocument

ERRORS = {
    "400": "The body is not JSON in UTF-8",
    "401": "There are keys, and the request carries none that works",
    "403": "The key has no scope for this, or there are no keys and the request comes from another machine",
    "404": "The store knows no such customer, segment or campaign",
    "409": "There are no scores yet",
    "408": "The body did not arrive in time",
    "413": "The body is too large",
    "422": "The request says something that cannot be answered",
    "429": "The key asks too often; Retry-After says how many seconds to wait",
    "503": "The store does not answer",
    "504": "It took too long",
}
BEGINNING = {"openapi": "3.1.0", "info": {"title": "nextstage", "version": "1"}}
GUARDED = ("401", "403", "429", "503", "504")
PAGE_ERRORS, FORM_ERRORS = ("401", "403", "404", "409", "422", "429"), ("400", "401", "403", "408", "413")
WITH_BODY = (*GUARDED, "400", "408", "413", "422")


def describe_api() -> dict[str, Any]:
    """Returns the OpenAPI document of every route."""
    asked = [(model, "validation") for model in (ScoreRequest, ConsentRequest, SegmentDocument)]
    _, schemas = models_json_schema(
        [*asked, (ScoreResponse, "serialization"), *((each, "serialization") for each in (Problem, *ANSWERS))],  # type: ignore[list-item]
        ref_template="#/components/schemas/{model}",
    )
    basic = {"type": "http", "scheme": "basic", "description": "The key is the user name; the password stays empty"}
    return {
        **BEGINNING,
        "paths": {
            **_scores(),
            **_tracking(),
            **_customers(),
            **_segments(),
            **_campaigns(),
            **_dashboard(),
            **_operations(),
        },
        "components": {
            "schemas": schemas["$defs"] | _messages(),
            "securitySchemes": {"basic": basic, "bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _scores() -> dict[str, Any]:
    question = {"customer_ids": ["352", "13"], "as_of": "2026-01-31T12:00:00Z"}
    score = _operation("Score customers of the store, or the customers of events in the body", SCORE, WITH_BODY)
    score["parameters"] = [ACCEPTED]
    score["requestBody"] = {"required": True, **_content("ScoreRequest", question)}
    answered = {"description": "The scores, in the order of the question"}
    score["responses"] |= {"200": answered | _content("ScoreResponse", SCORES), "404": _problem("404")}
    summary = "Which model answers, what it predicts, what it learnt from and how it did in its test"
    return {"/score": {"post": score}, "/model": {"get": _operation(summary, SCORE, GUARDED, (None, MODEL))}}


def _tracking() -> dict[str, Any]:
    batch = {"batch": [TRACK, {"type": "identify", **MESSAGES["identify"]}], "sentAt": "2026-01-31T12:00:01Z"}
    summaries = {kind: f"Take one {kind} message of Segment's specification, at most 32 KB" for kind in KINDS}
    summaries["batch"] = "Take messages of up to 500 KB together, all of them or none"
    summaries["import"] = "Take a batch of history: each message counts as known when it happened"
    paths = {}
    for name, summary in summaries.items():
        operation = _operation(summary, INGEST, WITH_BODY, ("Accepted", {"success": True}))
        schema = f"{name.capitalize()}Message" if name in KINDS else "Batch"
        operation["requestBody"] = {"required": True, **_content(schema, MESSAGES.get(name, batch))}
        paths[f"/v1/{name}"] = {"post": operation}
    return paths


def _messages() -> dict[str, Any]:
    return {f"{kind.capitalize()}Message": message_schema(kind) for kind in KINDS} | {"Batch": batch_schema()}


def _customers() -> dict[str, Any]:
    path = "/customers/{customer_id}"
    known = (*GUARDED, "404")
    view = _operation(
        "Stage and timeline, scores, and the latest events", SCORE, (*known, "422"), ("CustomerView", CUSTOMER)
    )
    receipt, export_ = ("ErasureReceipt", RECEIPT), ("CustomerExport", EXPORT)
    erase = _operation("Erase everything about a customer, and say what it was", ADMIN, (*known, "422"), receipt)
    export = _operation("Everything that is held about a customer", ADMIN, (*known, "422"), export_)
    kept = ("KeptDecision", {"customer_id": "352", **DECISION})
    consent = _operation("Keep a customer's decision about being scored", ADMIN, WITH_BODY, kept)
    consent["requestBody"] = {"required": True, **_content("ConsentRequest", DECISION)}
    operations = {
        path: {"get": view, "delete": erase, "parameters": [CUSTOMER_ID]},
        f"{path}/export": {"get": export, "parameters": [CUSTOMER_ID]},
        f"{path}/consent": {"put": consent, "parameters": [CUSTOMER_ID]},
    }
    view["parameters"] = [*VIEWED, ACCEPTED]
    return operations


def _segments() -> dict[str, Any]:
    known = (*GUARDED, "404", "422")
    body = {"required": True, **_content("SegmentDocument", SEGMENT)}
    tried = _operation(
        "What a segment would give of the last scores; nothing is kept", SCORE, (*WITH_BODY, "409"), (None, PREVIEW)
    )
    put = _operation("Keep a segment with its members", ADMIN, (*WITH_BODY, "409"), (None, KEPT_SEGMENT))
    tried["requestBody"] = put["requestBody"] = body
    listed = _operation("Every segment, by name", SCORE, GUARDED, (None, {"segments": [KEPT_SEGMENT]}))
    delete = _operation("Forget a segment and its members", ADMIN, known, (None, {"deleted": "at risk"}))
    one = _operation("What a segment says, and what it gave when scores came last", SCORE, known, (None, KEPT_SEGMENT))
    members = _operation("The members, best first; who opted out is left out", SCORE, known, (None, MEMBERS))
    members["parameters"] = list(PAGING)
    as_text = {"schema": {"type": "string"}, "example": "place,customer_id,score\r\n1,352,0.92\r\n"}
    members["responses"]["200"]["content"]["text/csv"] = as_text
    return {
        "/segments": {"get": listed},
        "/segments/preview": {"post": tried},
        "/segments/{name}": {"get": one, "put": put, "delete": delete, "parameters": [SEGMENT_NAME]},
        "/segments/{name}/members": {"get": members, "parameters": [SEGMENT_NAME]},
    }


def _dashboard() -> dict[str, Any]:
    known = (*GUARDED, "404", "422")
    pages = {
        "/dashboard/flows": "Who moved where, and who is expected to",
        "/dashboard/figures": "Figures over time",
        "/dashboard/audience": "The audience builder",
        "/dashboard/stage/{stage}": "A stage's customers and their reasons",
        "/dashboard/customer": "Finds a customer",
        "/dashboard/customer/{customer_id}": "One customer: events, stages, scores and reasons",
        "/dashboard/model": "The model's report card",
        "/sign-in": "Asks for a key that the browser keeps",
    }
    found: dict[str, Any] = {
        path: {"get": _page(summary, None, ()) if path == "/sign-in" else _page(summary, SCORE, PAGE_ERRORS)}
        for path, summary in pages.items()
    }
    for panel, example in PANEL_EXAMPLES.items():
        about = "/{about}" if panel in ("stage", "customer", "segment") else ""
        for kind in ("json", "csv"):
            if (panel, kind) != ("segment", "json"):
                operation = _operation(
                    f"The {panel}'s figures", SCORE, known, (None, example if kind == "json" else None)
                )
                if kind == "csv":
                    operation["responses"]["200"]["content"] = {
                        "text/csv": {"schema": {"type": "string"}, "example": CSV}
                    }
                found[f"/dashboard/data/{panel}{about}.{kind}"] = {"get": operation}
    found["/sign-in"]["post"] = enter = _page("Takes a key and keeps it in a cookie", None, FORM_ERRORS)
    enter["requestBody"] = {"required": True, "content": {"application/x-www-form-urlencoded": FORM}}
    found["/sign-out"] = {"post": _page("Forgets the key", None, ("403",))}
    files = _operation("A style sheet, script or picture of the pages", None, ("404", "503", "504"))
    shown = {"schema": {"type": "string"}, "example": STYLE}
    files["responses"]["200"]["content"] = dict.fromkeys(TYPES.values(), shown)
    found |= {f"/static/{folder}{{file}}": {"get": files} for folder in ("", "vendor/")}
    for path in found.keys() & OF_PATHS.keys():
        found[path]["get"] = found[path]["get"] | {"parameters": list(OF_PATHS[path])}
    return found


def _page(summary: str, scope: str | None, errors: tuple[str, ...]) -> dict[str, Any]:
    """Returns the description of a page; what goes wrong is a page as well, or a problem if it never came so far."""
    operation = _operation(summary, scope, (*errors, "503", "504"))
    shown = {"text/html": {"schema": {"type": "string"}, "example": PAGE}}
    place = {"required": True, "schema": {"type": "string"}, "example": "/sign-in?next=/dashboard/flows"}
    operation["responses"]["303"] = {
        "description": "Leads to another page, such as the one to sign in",
        "headers": {"Location": place},
    }
    operation["responses"]["200"]["content"] = dict(shown)
    for status in errors:
        operation["responses"][status]["content"] |= shown
    return operation


def _first() -> dict[str, Any]:
    """Returns the description of the first page, which is a list of places for who does not ask for HTML."""
    words = "The journey map for a browser, which needs a key with the scope score; for others, where to find what"
    operation = _page(words, None, PAGE_ERRORS)
    operation["responses"]["200"]["content"] |= _content("Index", PLACES)["content"]
    return operation | {"parameters": list(OF_PATHS["/"])}


def _campaigns() -> dict[str, Any]:
    listed = _operation("Every campaign and its arms", SCORE, GUARDED, (None, {"campaigns": [CAMPAIGN | ARMS]}))
    report = _operation("Whether a campaign did anything", SCORE, (*GUARDED, "404", "422"), (None, REPORT))
    report["parameters"] = [*OUTCOME, ACCEPTED]
    return {
        "/campaigns": {"get": listed},
        "/campaigns/{name}/report": {"get": report, "parameters": [CAMPAIGN_NAME]},
    }


def _operations() -> dict[str, Any]:
    open_to_all = {
        "/openapi.json": (
            "This document",
            (None, BEGINNING),
        ),
        "/healthz": ("Answers while the process lives", ("Status", ALIVE)),
        "/livez": ("Answers while the process lives", ("Status", ALIVE)),
        "/readyz": ("Answers while the model is loaded and the store answers", ("Status", READY)),
    }
    metrics = _operation("What Prometheus reads", SCORE, GUARDED)
    metrics["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}, "example": METRICS}}
    described = {
        path: {"get": _operation(words, None, ("503", "504"), shown)} for path, (words, shown) in open_to_all.items()
    }
    return {"/": {"get": _first()}, **described, "/metrics": {"get": metrics}}


def _operation(
    summary: str, scope: str | None, errors: tuple[str, ...], answer: tuple[str | None, Any] | None = None
) -> dict[str, Any]:
    """Returns the description of a route; the answer is the name of its schema, if it has one, and an example."""
    answered = {"200": {"description": summary, **_content(*(answer or (None,)))}}
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

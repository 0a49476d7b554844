"""The service's description by OpenAPI 3.1: a mounted application is missing from the one that BentoML writes."""

from typing import Any

from pydantic.json_schema import models_json_schema

from serving.schemas import Problem, ScoreRequest, ScoreResponse

ERRORS = {
    "400": "The body is not JSON in UTF-8",
    "404": "The store has no events of a customer",
    "413": "The body is too large",
    "422": "The body says something that cannot be answered",
}


def describe_api() -> dict[str, Any]:
    """Returns the OpenAPI document of every route."""
    _, schemas = models_json_schema(
        [(ScoreRequest, "validation"), (ScoreResponse, "serialization"), (Problem, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    answered = {"200": _content("The scores, in the order of the question", "application/json", "ScoreResponse")}
    refused = {status: _content(why, "application/problem+json", "Problem") for status, why in ERRORS.items()}
    score = {
        "summary": "Score customers of the store, or the customers of events in the body",
        "requestBody": {"required": True, **_content("", "application/json", "ScoreRequest")},
        "responses": answered | refused,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "nextstage", "version": "1"},
        "paths": {
            "/score": {"post": score},
            "/model": {"get": _plain("Which model answers, and what it predicts")},
            "/healthz": {"get": _plain("Answers while the process lives")},
            "/readyz": {"get": _plain("Answers once the model is loaded")},
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _content(description: str, media_type: str, schema: str) -> dict[str, Any]:
    content = {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
    return {"description": description, **content} if description else content


def _plain(summary: str) -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": summary}}}

import json

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from features.errors import EventLogError, NextstageError, StoreError
from serving.errors import (
    BodySizeError,
    MalformedBodyError,
    RateError,
    RequestError,
    ScopeError,
    UnknownCustomerError,
    UnknownKeyError,
)
from serving.problems import on_failure, on_http_error, on_nextstage_error, place_of
from serving.segments.errors import ExpressionError, NoScoresError, UnknownSegmentError

REQUEST = Request(
    {"type": "http", "method": "PUT", "path": "/x", "headers": [], "server": ("h", 1), "query_string": b""}
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MalformedBodyError("no"), 400),
        (UnknownCustomerError("no"), 404),
        (UnknownSegmentError("no"), 404),
        (NoScoresError("no"), 409),
        (ExpressionError(0, "no"), 422),
        (BodySizeError("no"), 413),
        (RequestError("no"), 422),
        (EventLogError("no"), 422),
        (UnknownKeyError("no"), 401),
        (ScopeError("no"), 403),
        (RateError("no", 0.2), 429),
        (StoreError("no"), 503),
    ],
)
def test_each_error_has_its_status(error: NextstageError, status: int) -> None:
    answer = on_nextstage_error(REQUEST, error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body))["detail"].endswith("no")


def test_a_failure_of_our_own_tells_the_client_nothing_about_itself() -> None:
    answer = on_failure(REQUEST, RuntimeError("secret"))
    assert answer.status_code == 500
    assert b"secret" not in bytes(answer.body)


def test_a_wrong_method_says_which_are_right() -> None:
    async def nothing(_: Request) -> Response:
        return Response()

    app = Starlette(routes=[Route("/x", nothing, methods=[method]) for method in ("GET", "POST")])
    answer = on_http_error(Request({**REQUEST.scope, "app": app}), HTTPException(405, headers={"Allow": "POST"}))
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert json.loads(bytes(answer.body))["detail"].startswith("PUT /x is not served here")


def test_a_path_is_told_as_it_came_whatever_the_host_is_called() -> None:
    scope = {**REQUEST.scope, "headers": [(b"host", b"[")], "path": "/%00x"}
    answer = on_http_error(Request(scope), HTTPException(404))
    assert json.loads(bytes(answer.body))["detail"].startswith("PUT /%00x is not served here")


@pytest.mark.parametrize("text", ["\ud800", "a\nb", "a\u202eb", "x" * 5_000])
def test_a_sentence_is_one_line_that_can_be_sent(text: str) -> None:
    answer = on_nextstage_error(REQUEST, RequestError(f"it is {text}"))
    detail = json.loads(bytes(answer.body))["detail"]
    assert detail.startswith("it is")
    assert detail.isprintable()
    assert len(detail) <= 1_000


def test_who_asks_too_often_is_told_whole_seconds() -> None:
    waits = [on_nextstage_error(REQUEST, RateError("no", wait)).headers["Retry-After"] for wait in (0.01, 1.0, 1.01)]
    assert waits == ["1", "1", "2"]


def test_the_place_of_a_failure_is_told_without_its_message() -> None:
    try:
        {}["secret"]
    except KeyError as error:
        place = place_of(error)
    assert place.startswith("KeyError in ")
    assert "test_problems.py:" in place
    assert "secret" not in place

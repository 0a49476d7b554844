import json

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from features.errors import EventLogError, NextstageError, StoreError
from serving.errors import BodySizeError, MalformedBodyError, RequestError, UnknownCustomerError
from serving.problems import on_failure, on_http_error, on_nextstage_error

REQUEST = Request(
    {"type": "http", "method": "PUT", "path": "/x", "headers": [], "server": ("h", 1), "query_string": b""}
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MalformedBodyError("no"), 400),
        (UnknownCustomerError("no"), 404),
        (BodySizeError("no"), 413),
        (RequestError("no"), 422),
        (EventLogError("no"), 422),
        (StoreError("no"), 503),
    ],
)
def test_each_error_has_its_status(error: NextstageError, status: int) -> None:
    answer = on_nextstage_error(REQUEST, error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body))["detail"] == "no"


def test_a_failure_of_our_own_tells_the_client_nothing_about_itself() -> None:
    answer = on_failure(REQUEST, RuntimeError("secret"))
    assert answer.status_code == 500
    assert b"secret" not in bytes(answer.body)


def test_a_wrong_method_says_which_are_right() -> None:
    answer = on_http_error(REQUEST, HTTPException(405, headers={"Allow": "POST"}))
    assert answer.headers["Allow"] == "POST"
    assert json.loads(bytes(answer.body))["detail"].startswith("PUT /x is not served here")

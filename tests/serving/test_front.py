"""Late and failed requests are answered, counted, and logged without what they held."""

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from features.errors import NextstageError
from serving.body import read_body
from serving.front import Front
from serving.metrics import Metrics
from serving.problems import on_failure, on_nextstage_error


def get(path: str, metrics: Metrics | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(front(metrics or Metrics())), base_url="http://x"
        ) as it:
            return await it.get(path)

    return asyncio.run(ask())


def front(metrics: Metrics) -> Front:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(request.path_params["name"])

    async def late(_: Request) -> Response:
        await asyncio.sleep(10)
        return PlainTextResponse("done")

    async def fail(request: Request) -> Response:
        raise KeyError(request.path_params["name"])

    async def take(request: Request) -> Response:
        return PlainTextResponse(await read_body(request, 10))

    places = [Route("/take/{name}", take, methods=["POST"])]
    places += [Route("/echo/{name}", echo), Route("/late/{name}", late), Route("/fail/{name}", fail)]
    app = Starlette(routes=places, exception_handlers={NextstageError: on_nextstage_error, Exception: on_failure})
    return Front(app, metrics, 0.05)


def test_a_path_is_matched_as_it_was_sent() -> None:
    assert get("/echo/a%2Fb%20c?x=1").text == "a%2Fb%20c"


def test_what_is_late_is_a_problem(caplog: pytest.LogCaptureFixture) -> None:
    answer = get("/late/ann")
    assert answer.status_code == 504
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("no answer within 0.05 s; ")
    assert "ann" not in ours(caplog)


def test_a_body_that_does_not_come_is_the_clients_fault() -> None:
    status, said = post([{"type": "http.request", "body": b"{", "more_body": True}])
    assert status == 408
    assert said["detail"] == "the body did not arrive within 0.05 s; send it faster, or less at once"


def test_a_body_that_breaks_off_is_the_clients_fault_and_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        status, said = post([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    assert status == 400
    assert said["detail"].startswith("the body breaks off")
    assert "failed" not in ours(caplog)


def post(messages: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Returns the status and the answer to a request whose body comes like this, and then no more of it."""
    left, sent = list(messages), []

    async def receive() -> Any:
        return left.pop(0) if left else await asyncio.sleep(10)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/take/ann", "headers": [], "query_string": b""}
    asyncio.run(front(Metrics())(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_what_fails_is_logged_by_its_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = get("/fail/ann")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    (record,) = (record for record in caplog.records if record.name == "serving.front")
    assert record.getMessage().startswith("GET /fail/{name} failed: KeyError in ")
    assert "test_front.py:" in record.getMessage()
    assert record.exc_info is None
    assert "ann" not in ours(caplog)


def test_everything_is_counted_by_its_template() -> None:
    metrics = Metrics()
    for path in ("/echo/ann", "/late/ann", "/fail/ann", "/nowhere/ann"):
        get(path, metrics)
    told = metrics.text({}, {"name": "m"}).decode()
    assert "ann" not in told
    for route, status in (("/echo/{name}", 200), ("/late/{name}", 504), ("/fail/{name}", 500), ("elsewhere", 404)):
        assert f'nextstage_requests_total{{method="GET",route="{route}",status="{status}"}} 1.0' in told


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """Returns what was logged, but not by the client."""
    return "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))

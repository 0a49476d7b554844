"""Stands before the routes: every request ends in time, is counted, and leaves no word of a customer in the log."""

import asyncio
import logging
import time
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.body import ARRIVING
from serving.metrics import ELSEWHERE, Metrics
from serving.problems import ProblemResponse, on_failure, place_of, problem

logger = logging.getLogger(__name__)

UNGUESSED = ("X-Content-Type-Options", "nosniff")
"""Of every answer: many quote customers, and a browser must not take one for a page."""


class Front:
    """An ASGI application around another one.

    Parameters
    ----------
    timeout
        Seconds that a request may take.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, timeout: float) -> None:
        self._app = app
        self._metrics = metrics
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        # routes match the path as it was sent: an id may hold a slash
        scope["path"] = scope.get("raw_path", scope["path"].encode()).decode("ascii", "replace").partition("?")[0]
        started, status = time.perf_counter(), 0

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault(*UNGUESSED)
            await send(message)

        try:
            async with asyncio.timeout(self._timeout):
                await self._app(scope, receive, told)
        except TimeoutError:
            logger.warning("%s %s was not answered within %g s", scope["method"], template(scope), self._timeout)
            if status == 0:
                await self._too_late(scope)(scope, receive, told)
        except Exception as error:  # whatever it is, its message may hold what customers did
            logger.error("%s %s failed: %s", scope["method"], template(scope), place_of(error))
            if status == 0:
                await on_failure(Request(scope), error)(scope, receive, told)
        self._metrics.answered(template(scope), scope["method"], status, time.perf_counter() - started)

    def _too_late(self, scope: Scope) -> ProblemResponse:
        if scope.get(ARRIVING):
            sentence = f"the body did not arrive within {self._timeout:g} s; send it faster, or less at once"
            return problem(HTTPStatus.REQUEST_TIMEOUT, sentence)
        sentence = f"no answer within {self._timeout:g} s; what was asked may still be done, so ask for less at once"
        return problem(HTTPStatus.GATEWAY_TIMEOUT, sentence)


def template(scope: Scope) -> str:
    """Returns the template of the route that a request took."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else ELSEWHERE

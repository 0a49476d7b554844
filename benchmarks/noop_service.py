"""The scoring service with one more route, ``POST /noop``, that reads JSON and answers JSON: what a request costs.

It stands behind the same front as every route, in the same process of BentoML's server; no key is asked for.
"""

from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.front import Front
from serving.guarded import GuardedRoute
from serving.metrics import Metrics
from serving.service import SETTINGS, ScoringService


async def noop(request: Request, caller: str) -> Response:
    """Answers what a client needs to see that it was heard."""
    return JSONResponse({"keys": len(await request.json()), "caller": caller})


class Noop:
    """Takes the requests to ``/noop`` and passes on all others."""

    def __init__(self, app: ASGIApp) -> None:
        unguarded = GuardedRoute(cast(Any, None), "POST", "/noop", noop, None)
        self._app = app
        self._noop = Front(Starlette(routes=[unguarded]), Metrics(SETTINGS.metrics_folder), SETTINGS.timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request or passes it on."""
        app: ASGIApp = self._noop if scope["type"] == "http" and scope["path"] == "/noop" else self._app
        await app(scope, receive, send)


ScoringService.middlewares.insert(0, (Noop, {}))  # the first is asked first
ScoringService._caller_module = __name__  # from where BentoML's processes import it

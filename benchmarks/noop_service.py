"""The scoring service with one more route, ``POST /noop``, that reads JSON and answers JSON: what a request costs.

It is a Starlette route of the same BentoML server, without keys, counting or a time limit before it.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.service import ScoringService


async def noop(request: Request) -> JSONResponse:
    """Answers what a client needs to see that it was heard."""
    return JSONResponse({"keys": len(await request.json())})


class Noop:
    """Takes the requests to ``/noop`` and passes on all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._noop = app, Starlette(routes=[Route("/noop", noop, methods=["POST"])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request or passes it on."""
        app = self._noop if scope["type"] == "http" and scope["path"] == "/noop" else self._app
        await app(scope, receive, send)


ScoringService.middlewares.insert(0, (Noop, {}))  # the first is asked first
ScoringService._caller_module = __name__  # from where BentoML's processes import it

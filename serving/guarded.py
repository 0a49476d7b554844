"""A route that is open to callers with its scope alone."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.gate import Gate

Handler = Callable[[Request, str], Awaitable[Response]]
"""Answers a request; the text is the caller: the id of a key, or ``loopback``."""


class GuardedRoute(Route):
    """A route whose handler is asked only by callers who may.

    Parameters
    ----------
    method
        The one method it answers.
    scope
        The scope that a key needs; None opens the route to everybody.
    """

    def __init__(self, gate: Gate, method: str, path: str, handler: Handler, scope: str | None) -> None:
        self.needed = scope

        async def guarded(request: Request) -> Response:
            caller = "" if scope is None else await gate.admit(request, scope)
            return await handler(request, caller)

        super().__init__(path, guarded, methods=[method])

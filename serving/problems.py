"""Turns errors into ``application/problem+json``: one sentence for the client, the place of a failure for the log."""

import math
import traceback
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from features.errors import EventLogError, NextstageError
from serving.errors import (
    BodySizeError,
    MalformedBodyError,
    RateError,
    RequestError,
    ScopeError,
    UnknownCampaignError,
    UnknownCustomerError,
    UnknownKeyError,
)
from serving.schemas import Problem
from serving.segments.errors import NoScoresError, UnknownSegmentError

LONGEST = 1_000  # characters of a sentence
STATUS: dict[type[NextstageError], HTTPStatus] = {
    MalformedBodyError: HTTPStatus.BAD_REQUEST,
    UnknownKeyError: HTTPStatus.UNAUTHORIZED,
    ScopeError: HTTPStatus.FORBIDDEN,
    BodySizeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RateError: HTTPStatus.TOO_MANY_REQUESTS,
    RequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    EventLogError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCustomerError: HTTPStatus.NOT_FOUND,
    UnknownSegmentError: HTTPStatus.NOT_FOUND,
    NoScoresError: HTTPStatus.CONFLICT,
    UnknownCampaignError: HTTPStatus.NOT_FOUND,
}


class ProblemResponse(JSONResponse):
    """An error by RFC 9457."""

    media_type = "application/problem+json"


def on_nextstage_error(request: Request, error: Exception) -> ProblemResponse:
    """Answers an error whose message is meant for the client."""
    del request
    return problem(status_of(error), str(error), _headers(error))


def status_of(error: Exception) -> HTTPStatus:
    """Returns the status of an error whose message is meant for the client."""
    return next((STATUS[kind] for kind in type(error).mro() if kind in STATUS), HTTPStatus.SERVICE_UNAVAILABLE)


def on_http_error(request: Request, error: Exception) -> ProblemResponse:
    """Answers a path or method that does not exist."""
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(
        status, f"{request.method} {request.scope['path']} is not served here; see /openapi.json for what is", headers
    )


def on_failure(request: Request, error: Exception) -> ProblemResponse:
    """Answers a failure of our own; where it happened is in the service's log and nowhere else."""
    del request, error
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed to answer; its log says where, so try again")


def problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> ProblemResponse:
    """Returns an error as an answer."""
    told = Problem(title=status.phrase, status=status.value, detail=one_line(detail))
    return ProblemResponse(told.model_dump(), status.value, headers)


def one_line(text: str) -> str:
    r"""Returns a sentence that may quote a client as one that can be sent and read: printable, and not too long.

    Examples
    --------
    >>> one_line("no time: '\ud800\n'")
    "no time: '  '"
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= LONGEST else f"{printable[: LONGEST - 1]}…"


def place_of(error: BaseException) -> str:
    """Returns the kind of a failure and the line it comes from; its message may hold what customers did.

    Examples
    --------
    >>> place_of(ValueError("secret"))
    'ValueError'
    """
    frames = traceback.extract_tb(error.__traceback__)
    line = f" in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{line}"


def _methods(request: Request) -> set[str]:
    """Returns the methods of every route of a path; each route alone knows but its own.

    As in OpenAPI, a path that is named as it stands is none of those with a parameter in its place.
    """
    path = request.scope["path"]
    matching = [route for route in request.app.routes if isinstance(route, Route) and route.path_regex.match(path)]
    exact = [route for route in matching if route.path == path]
    return {method for route in exact or matching for method in route.methods or ()}


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, RateError):
        return {"Retry-After": str(max(1, math.ceil(error.wait)))}
    return {"WWW-Authenticate": 'Basic realm="nextstage"'} if isinstance(error, UnknownKeyError) else {}

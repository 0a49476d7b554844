"""Turns errors into ``application/problem+json``: one sentence for the client, the traceback for the log alone."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from features.errors import EventLogError, NextstageError
from serving.errors import BodySizeError, MalformedBodyError, RequestError, UnknownCustomerError
from serving.schemas import Problem

STATUS: dict[type[NextstageError], HTTPStatus] = {
    MalformedBodyError: HTTPStatus.BAD_REQUEST,
    BodySizeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    RequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
    EventLogError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCustomerError: HTTPStatus.NOT_FOUND,
}


class ProblemResponse(JSONResponse):
    """An error by RFC 9457."""

    media_type = "application/problem+json"


def on_nextstage_error(request: Request, error: Exception) -> ProblemResponse:
    """Answers an error whose message is meant for the client."""
    del request
    status = next((STATUS[kind] for kind in type(error).mro() if kind in STATUS), HTTPStatus.SERVICE_UNAVAILABLE)
    return _problem(status, str(error))


def on_http_error(request: Request, error: Exception) -> ProblemResponse:
    """Answers a path or method that does not exist."""
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _problem(
        status, f"{request.method} {request.url.path} is not served here; see /openapi.json for what is", headers
    )


def on_failure(request: Request, error: Exception) -> ProblemResponse:
    """Answers a failure of our own; what failed is in the service's log and nowhere else."""
    del request, error
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed to answer; its log says why, so try again")


def _problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> ProblemResponse:
    problem = Problem(title=status.phrase, status=status.value, detail=detail)
    return ProblemResponse(problem.model_dump(), status.value, headers)

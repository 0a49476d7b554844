"""The HTTP routes of the service, as a Starlette application around a scorer."""

import time

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from features.errors import NextstageError
from serving.errors import BodySizeError
from serving.openapi import describe_api
from serving.problems import on_failure, on_http_error, on_nextstage_error
from serving.scorer import Scorer

LARGEST_BODY = 8 * 1024 * 1024


def build_app(scorer: Scorer) -> Starlette:
    """Returns the application that answers with a scorer."""

    async def score(request: Request) -> Response:
        body = await read_body(request)
        now = time.time_ns() // 1000
        # in a thread: a question about thousands of customers must not keep the others waiting
        return Response(await run_in_threadpool(scorer.answer, body, now), media_type="application/json")

    async def model(_: Request) -> Response:
        return JSONResponse(scorer.describe_model())

    async def openapi(_: Request) -> Response:
        return JSONResponse(describe_api())

    async def index(_: Request) -> Response:
        places = {"score": "POST /score", "model": "/model", "api": "/openapi.json", "ready": "/readyz"}
        return JSONResponse({"service": "nextstage", "model": scorer.describe(), **places})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/score", score, methods=["POST"]),
            Route("/model", model),
            Route("/openapi.json", openapi),
        ],
        exception_handlers={
            NextstageError: on_nextstage_error,
            HTTPException: on_http_error,
            Exception: on_failure,
        },
    )


async def read_body(request: Request) -> bytes:
    """Returns the body, read no further than LARGEST_BODY.

    Raises
    ------
    BodySizeError
        If there is more.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise BodySizeError(f"the body is larger than {LARGEST_BODY} bytes; send fewer customers or events at once")
    return bytes(body)

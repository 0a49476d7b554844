"""The HTTP routes of the service, as an ASGI application around a scorer."""

import time
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from features.errors import NextstageError
from features.timestamps import parse_moment
from serving.body import read_body
from serving.campaign_routes import campaign_routes
from serving.customer_routes import customer_routes
from serving.front import Front
from serving.gate import Gate
from serving.gauges import Reading, readings
from serving.guarded import GuardedRoute
from serving.keys import SCORE
from serving.languages.messages import ENGLISH
from serving.languages.preference import accepted_language
from serving.metrics import MEDIA_TYPE, Metrics
from serving.openapi import describe_api
from serving.pages.routes import dashboard_routes
from serving.problems import on_failure, on_http_error, on_nextstage_error
from serving.schemas import parse_request
from serving.scorer import Scorer
from serving.segment_routes import segment_routes
from serving.shadow import Shadow
from serving.threads import in_thread
from serving.tracking_routes import tracking_routes

LARGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What the service allows.

    Parameters
    ----------
    rate
        Requests per second and key, of one process.
    timeout
        Seconds that a request may take.
    """

    rate: float = 1_000.0
    timeout: float = 30.0


def build_app(
    scorer: Scorer, limits: Limits | None = None, metrics: Metrics | None = None, shadow: Shadow | None = None
) -> Front:
    """Returns the application that answers with a scorer and its store."""
    limits, metrics = limits or Limits(), metrics or Metrics()
    app = Starlette(
        routes=routes(scorer, Gate(scorer.store.database, limits.rate), metrics, shadow),
        exception_handlers={
            NextstageError: on_nextstage_error,
            HTTPException: on_http_error,
            Exception: on_failure,
        },
    )
    app.router.redirect_slashes = False
    return Front(app, metrics, limits.timeout)


def routes(scorer: Scorer, gate: Gate, metrics: Metrics, shadow: Shadow | None = None) -> list[GuardedRoute]:
    """Returns every route."""

    async def score(request: Request, caller: str) -> Response:
        del caller
        question, now = parse_request(await read_body(request, LARGEST_BODY)), time.time_ns() // 1000
        language = accepted_language(request) if question.explain else ENGLISH
        if scorer.is_quick(question):
            answer = scorer.answer_to(question, now, language)
        else:  # in a thread: a question about thousands of customers must not keep the others waiting
            answer = await in_thread(scorer.answer_to, question, now, language)
        metrics.scored(record["stage_current"] for record in answer.records if "stage_current" in record)
        told = None
        if shadow is not None and question.customer_ids is not None:
            told = BackgroundTask(shadow.offer, question.customer_ids, answer.as_of)
        return Response(answer.body, media_type="application/json", background=told)

    async def model(_: Request, caller: str) -> Response:
        del caller
        return JSONResponse(scorer.describe_model())

    return [
        GuardedRoute(gate, "POST", "/score", score, SCORE),
        GuardedRoute(gate, "GET", "/model", model, SCORE),
        *customer_routes(gate, scorer),
        *segment_routes(gate, scorer.store.database),
        *campaign_routes(gate, scorer.store, lambda: scorer.model.predictor.journey),
        *tracking_routes(gate, scorer.store, metrics),
        *_operations(scorer, gate, metrics),
        *dashboard_routes(gate, scorer),
    ]


def _operations(scorer: Scorer, gate: Gate, metrics: Metrics) -> list[GuardedRoute]:
    async def alive(_: Request, caller: str) -> Response:
        del caller
        return JSONResponse({"status": "alive"})

    async def ready(_: Request, caller: str) -> Response:
        del caller
        await in_thread(scorer.store.newest)  # the model is loaded before there is a route
        return JSONResponse({"status": "ready"})

    async def prometheus(_: Request, caller: str) -> Response:
        del caller
        now = time.time()
        ages, graded = await in_thread(_ages, scorer, now), await in_thread(_graded, scorer, now)
        return Response(metrics.text(ages, scorer.describe(), graded), media_type=MEDIA_TYPE)

    async def openapi(_: Request, caller: str) -> Response:
        del caller
        return JSONResponse(describe_api())

    return [
        GuardedRoute(gate, "GET", "/openapi.json", openapi, None),
        GuardedRoute(gate, "GET", "/healthz", alive, None),
        GuardedRoute(gate, "GET", "/livez", alive, None),
        GuardedRoute(gate, "GET", "/readyz", ready, None),
        GuardedRoute(gate, "GET", "/metrics", prometheus, SCORE),
    ]


def _graded(scorer: Scorer, now: float) -> list[Reading]:
    with scorer.store.database.reading() as connection:
        return readings(connection, now)


def _ages(scorer: Scorer, now: float) -> dict[str, float]:
    """Returns how long ago the newest event happened, and the model was last tested, in seconds."""
    newest, facts = scorer.store.newest(), scorer.model.predictor.facts
    periods: dict[str, Any] = facts.get("periods", {})
    moments = {"data": newest}
    if "test" in periods:
        moments["model"] = parse_moment(periods["test"].split(" to ")[1])
    return {name: now - moment / 1e6 for name, moment in moments.items() if moment is not None}

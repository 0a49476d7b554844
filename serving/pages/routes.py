"""The routes of the dashboard: pages, the same figures as JSON and CSV, and the files that pages need."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.pages.access import PageRoute, access_routes, answer_page, wants_page
from serving.pages.downloads import download_routes
from serving.pages.shown import Shown
from serving.pages.static_files import static_routes
from serving.scorer import Scorer

PLACES = {"api": "/openapi.json", "score": "POST /score", "track": "POST /v1/batch", "ready": "/readyz"}


def dashboard_routes(gate: Gate, scorer: Scorer) -> list[GuardedRoute]:
    """Returns every route that is made for people."""
    shown, journey = Shown(scorer), scorer.model.predictor.journey

    async def first(request: Request, caller: str) -> Response:
        del caller
        if wants_page(request):
            return await answer_page(request, gate, shown.map, journey)
        return JSONResponse({"service": "nextstage", **PLACES})

    pages = {
        "/dashboard/flows": shown.flows,
        "/dashboard/figures": shown.figures,
        "/dashboard/audience": shown.audience,
        "/dashboard/stage/{stage}": shown.stage,
        "/dashboard/customer": shown.find,
        "/dashboard/customer/{customer_id}": shown.customer,
        "/dashboard/model": shown.model,
    }
    downloads = download_routes(gate, scorer.store.database, shown.data)
    return [
        GuardedRoute(gate, "GET", "/", first, None),
        *downloads,
        *(PageRoute(gate, path, show, journey) for path, show in pages.items()),
        *access_routes(gate, journey),
        *static_routes(gate),
    ]

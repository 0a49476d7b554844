"""The routes about campaigns: which there were, and what came of each."""

import time
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from features.errors import ConfigError
from features.journey import Journey
from serving.campaigns.members import list_campaigns
from serving.campaigns.outcomes import LONGEST_DAYS, Outcome
from serving.campaigns.report import campaign_report
from serving.errors import RequestError
from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.keys import SCORE
from serving.languages.preference import accepted_language
from serving.path_text import path_text
from serving.store import Store
from serving.threads import in_thread
from serving.whole_number import whole_number


def campaign_routes(gate: Gate, store: Store, journey: Callable[[], Journey]) -> list[GuardedRoute]:
    """Returns the routes below ``/campaigns``; ``journey`` is that of the model that answers now."""

    async def listed(_: Request, caller: str) -> Response:
        del caller
        return JSONResponse({"campaigns": await in_thread(list_campaigns, store.database)})

    async def report(request: Request, caller: str) -> Response:
        del caller
        name = path_text(request, "name")
        outcome, now = asked_outcome(request.query_params), time.time_ns() // 1000
        try:
            found = await in_thread(campaign_report, store, journey(), name, outcome, now)
        except ConfigError as problem:
            raise RequestError(str(problem)) from None
        return JSONResponse(found.to_dict(accepted_language(request)), headers={"Vary": "Accept-Language"})

    return [
        GuardedRoute(gate, "GET", "/campaigns", listed, SCORE),
        GuardedRoute(gate, "GET", "/campaigns/{name}/report", report, SCORE),
    ]


def asked_outcome(query: Mapping[str, str]) -> Outcome:
    """Returns the outcome that a query asks for.

    Raises
    ------
    RequestError
        If there is no such outcome.
    """
    given = query.get("days", "28")
    days = whole_number(given, LONGEST_DAYS)
    if days is None:
        raise RequestError(f"days={given:.40} is no number of days; give a whole number from 1 to {LONGEST_DAYS}")
    try:
        return Outcome(query.get("outcome", "purchase"), days, query.get("event"))
    except ConfigError as problem:
        raise RequestError(str(problem)) from None

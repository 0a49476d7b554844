"""Every panel as JSON, and as a flat table in CSV."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.keys import SCORE
from serving.pages.safety import HEADERS
from serving.pages.tables import to_csv
from serving.threads import in_thread

PANELS = ("map", "flows", "figures", "audience", "model")
OF_ONE = ("stage", "customer")
Data = Callable[[str, str, Mapping[str, str]], Mapping[str, Any]]


def download_routes(gate: Gate, data: Data) -> list[GuardedRoute]:
    """Returns the routes of the panels' data.

    Parameters
    ----------
    data
        Returns plain data of a panel, the thing that it is about, and the query.
    """

    def answer_with(panel: str, kind: str) -> GuardedRoute:
        async def answer(request: Request, caller: str) -> Response:
            del caller
            about = unquote(request.path_params.get("about", ""))
            found = await in_thread(data, panel, about, request.query_params)
            if kind == "json":
                return JSONResponse(found, headers=HEADERS)
            attached = {"Content-Disposition": f'attachment; filename="{panel}.csv"'}
            return Response(to_csv(panel, found), media_type="text/csv", headers={**HEADERS, **attached})

        path = f"/dashboard/{panel}/{{about}}.{kind}" if panel in OF_ONE else f"/dashboard/{panel}.{kind}"
        return GuardedRoute(gate, "GET", path, answer, SCORE)

    return [answer_with(panel, kind) for panel in (*PANELS, *OF_ONE) for kind in ("json", "csv")]

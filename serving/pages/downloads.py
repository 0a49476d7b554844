"""Every panel as JSON, and as a flat table in CSV."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.database import Database
from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.keys import SCORE
from serving.pages.safety import HEADERS
from serving.pages.tables import to_csv
from serving.path_text import path_text
from serving.segments.members import MOST, read_members
from serving.threads import in_thread

ROOT = "/dashboard/data"
PANELS = ("map", "flows", "figures", "attribution", "audience", "model", "drift", "matured")
OF_ONE = ("stage", "customer")
Data = Callable[[str, str, Mapping[str, str]], Mapping[str, Any]]


def download_routes(gate: Gate, database: Database, data: Data) -> list[GuardedRoute]:
    """Returns the routes of the panels' data.

    Parameters
    ----------
    data
        Returns plain data of a panel, the thing that it is about, and the query.
    """

    def answer_with(panel: str, kind: str) -> GuardedRoute:
        async def answer(request: Request, caller: str) -> Response:
            del caller
            about = path_text(request, "about") if panel in OF_ONE else ""
            found = await in_thread(data, panel, about, request.query_params)
            if kind == "json":
                return JSONResponse(found, headers=HEADERS)
            attached = {"Content-Disposition": f'attachment; filename="{panel}.csv"'}
            return Response(to_csv(panel, found), media_type="text/csv", headers={**HEADERS, **attached})

        path = f"{ROOT}/{panel}/{{about}}.{kind}" if panel in OF_ONE else f"{ROOT}/{panel}.{kind}"
        return GuardedRoute(gate, "GET", path, answer, SCORE)

    return [
        *_segment_routes(gate, database),
        *(answer_with(panel, kind) for panel in (*PANELS, *OF_ONE) for kind in ("json", "csv")),
    ]


def _segment_routes(gate: Gate, database: Database) -> list[GuardedRoute]:
    """Returns the route of a kept segment's members, all of them in one file."""

    async def members(request: Request, caller: str) -> Response:
        del caller
        name = path_text(request, "about")
        attached = {"Content-Disposition": 'attachment; filename="segment.csv"'}
        text = await in_thread(_members, database, name)
        return Response(text, media_type="text/csv", headers={**HEADERS, **attached})

    return [GuardedRoute(gate, "GET", f"{ROOT}/segment/{{about}}.csv", members, SCORE)]


def _members(database: Database, name: str) -> str:
    cursor, found = None, []
    with database.reading() as connection:
        while True:
            page = read_members(connection, name, cursor, MOST)
            found += [asdict(member) for member in page.members]
            cursor = page.cursor
            if cursor is None:
                return to_csv("segment", {"members": found})

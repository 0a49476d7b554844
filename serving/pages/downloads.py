"""Every panel as JSON, and as a flat table in CSV."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.formulas import defused
from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.keys import SCORE
from serving.pages.safety import HEADERS
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
            return Response(to_csv(found), media_type="text/csv", headers={**HEADERS, **attached})

        path = f"/dashboard/{panel}/{{about}}.{kind}" if panel in OF_ONE else f"/dashboard/{panel}.{kind}"
        return GuardedRoute(gate, "GET", path, answer, SCORE)

    return [answer_with(panel, kind) for panel in (*PANELS, *OF_ONE) for kind in ("json", "csv")]


def to_csv(data: Mapping[str, Any]) -> str:
    """Returns every figure of plain data as a line: where it stands, and what it is.

    Examples
    --------
    >>> print(to_csv({"stages": [{"name": "loyal", "customers": 3}]}), end="")
    place,name,value
    stages.loyal,customers,3
    """
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("place", "name", "value"))
    for place, name, value in _figures(data, ()):
        lines.writerow([defused(text) for text in (".".join(place), name, "" if value is None else str(value))])
    return out.getvalue()


def _figures(data: Any, place: Sequence[str]) -> Iterator[tuple[Sequence[str], str, Any]]:
    pairs = data.items() if isinstance(data, Mapping) else ((_called(each, at), each) for at, each in enumerate(data))
    for name, value in pairs:
        if isinstance(value, Mapping | list | tuple):
            yield from _figures(value, (*place, str(name)))
        else:
            yield place, str(name), value


def _called(each: Any, at: int) -> str:
    """Returns what an entry of a list is called: by its name, or by where it stands."""
    return str(each.get("name", at)) if isinstance(each, Mapping) else str(at)

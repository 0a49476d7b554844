"""The routes about segments: look at them, page through their members, try one out, keep and forget it."""

import csv
import io
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serving.body import parse_object, read_body
from serving.database import Database
from serving.errors import RequestError
from serving.formulas import defused
from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.keys import ADMIN, SCORE
from serving.path_text import path_text
from serving.segments.latest import Latest
from serving.segments.members import MOST, MemberPage, read_members
from serving.segments.preview import preview
from serving.segments.segment import Segment
from serving.segments.stored import (
    RESERVED,
    delete_segment,
    last_members,
    read_segment,
    read_segments,
    save_segment,
)
from serving.threads import in_thread
from serving.whole_number import whole_number

LARGEST_SEGMENT = 16 * 1024
UNNAMED = RESERVED[0]  # none of this name is kept
FORMATS = ("json", "csv")
COLUMNS = ("place", "customer_id", "score")
Read = TypeVar("Read")


def segment_routes(gate: Gate, database: Database) -> list[GuardedRoute]:
    """Returns the routes below ``/segments``."""
    latest = Latest()

    async def every(request: Request, caller: str) -> Response:
        del request, caller
        kept = await in_thread(_reading, database, read_segments)
        return JSONResponse({"segments": [stored.to_dict() for stored in kept]})

    async def one(request: Request, caller: str) -> Response:
        del caller
        name = path_text(request, "name")
        stored = await in_thread(_reading, database, lambda connection: read_segment(connection, name))
        return JSONResponse(stored.to_dict())

    async def members(request: Request, caller: str) -> Response:
        del caller
        name, cursor, limit = path_text(request, "name"), request.query_params.get("cursor"), _limit(request)
        answer = _csv if _format(request) == "csv" else _json
        page = await in_thread(_reading, database, lambda connection: read_members(connection, name, cursor, limit))
        return answer(page, limit)

    async def tried(request: Request, caller: str) -> Response:
        del caller
        body = await read_body(request, LARGEST_SEGMENT)
        return JSONResponse(await in_thread(try_out, database, latest, body))

    async def keep(request: Request, caller: str) -> Response:
        body = await read_body(request, LARGEST_SEGMENT)
        return JSONResponse(await in_thread(put, database, latest, path_text(request, "name"), body, caller))

    async def forget(request: Request, caller: str) -> Response:
        name = path_text(request, "name")
        await in_thread(delete_segment, database, name, time.time_ns() // 1000, caller)
        return JSONResponse({"deleted": name})

    path = "/segments/{name}"
    return [
        GuardedRoute(gate, "GET", "/segments", every, SCORE),
        GuardedRoute(gate, "POST", "/segments/preview", tried, SCORE),
        GuardedRoute(gate, "GET", path, one, SCORE),
        GuardedRoute(gate, "PUT", path, keep, ADMIN),
        GuardedRoute(gate, "DELETE", path, forget, ADMIN),
        GuardedRoute(gate, "GET", f"{path}/members", members, SCORE),
    ]


def try_out(database: Database, latest: Latest, body: bytes) -> dict[str, Any]:
    """Returns what the segment in a body would give, beside the members of the kept one of its name.

    Raises
    ------
    RequestError
        If the body holds no segment, or one that does not fit the scores.
    """
    segment = Segment.from_dict(parse_object(body), UNNAMED, "body")
    with database.reading() as connection:
        return preview(segment, latest.table(connection), last_members(connection, segment.name)).to_dict()


def put(database: Database, latest: Latest, name: str, body: bytes, caller: str) -> dict[str, Any]:
    """Keeps the segment in a body under the name in the path, and returns it.

    Raises
    ------
    RequestError
        If the body holds no segment, one of another name, or one that does not fit the scores.
    """
    segment = Segment.from_dict(parse_object(body), name, "body")
    if segment.name != name:
        raise RequestError(
            f"the body is about segment '{segment.name}' and the path about {name!r:.120}; give one name"
        )
    _reading(database, latest.table)  # what is read once is read before others have to wait for us
    save_segment(database, segment, latest.table, time.time_ns() // 1000, caller)
    return _reading(database, lambda connection: read_segment(connection, name)).to_dict()


def _json(page: MemberPage, limit: int) -> Response:
    del limit
    return JSONResponse({**asdict(page), "members": [asdict(member) for member in page.members]})


def _csv(page: MemberPage, limit: int) -> Response:
    """Returns the page as a spreadsheet opens it; where the next one is stands in the header ``Link``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows((member.place, defused(member.customer_id), member.score) for member in page.members)
    headers = {}
    if page.cursor is not None:
        query = urlencode({"format": "csv", "limit": limit, "cursor": page.cursor})
        headers["Link"] = f'</segments/{quote(page.segment, safe="")}/members?{query}>; rel="next"'
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


def _reading(database: Database, read: Callable[[Connection], Read]) -> Read:
    with database.reading() as connection:
        return read(connection)


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "1000")
    limit = whole_number(given, MOST)
    if not limit:
        raise RequestError(f"limit={given:.40} is no number of members; give a whole number from 1 to {MOST}")
    return limit


def _format(request: Request) -> str:
    given = request.query_params.get("format", "json")
    if given not in FORMATS:
        raise RequestError(f"format={given:.40} is not known; give json or csv")
    return given

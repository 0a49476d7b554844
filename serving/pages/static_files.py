"""The style sheet, the scripts and the pictures of the pages; there is nothing else in their folder."""

from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.gate import Gate
from serving.guarded import GuardedRoute

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}


def static_routes(gate: Gate) -> list[GuardedRoute]:
    """Returns the routes of the files; they tell nothing of anybody, so everybody may read them."""

    async def file(request: Request, caller: str) -> Response:
        del caller
        found = known_files().get(request.url.path.removeprefix("/static/"))
        if found is None:
            raise HTTPException(404)
        return Response(found.read_bytes(), media_type=TYPES[found.suffix], headers=HEADERS)

    return [GuardedRoute(gate, "GET", path, file, None) for path in ("/static/{file}", "/static/vendor/{file}")]


@cache
def known_files() -> dict[str, Path]:
    """Returns every file that is served, by its path; no path of a request is ever opened."""
    paths = (path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): path for path in paths}

"""The tracking API: what sends events to Segment can send them here, with an API key as its write key."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from features.sources.segment_message import KINDS
from serving.body import read_body
from serving.gate import Gate
from serving.guarded import GuardedRoute, Handler
from serving.intake import ingest
from serving.keys import INGEST
from serving.messages import LARGEST_BATCH, LARGEST_MESSAGE, parse_batch, parse_message
from serving.metrics import Metrics
from serving.store import Store
from serving.threads import in_thread


def tracking_routes(gate: Gate, store: Store, metrics: Metrics) -> list[GuardedRoute]:
    """Returns the routes below ``/v1``; whatever they accept is on the disk before they answer."""

    def take(body: bytes, path: str, now: int) -> int:
        if path in KINDS:
            messages = parse_message(body, path, now)
        else:
            messages = parse_batch(body, now, is_history=path == "import")
        return ingest(store.database, messages)

    def handler(path: str) -> Handler:
        most = LARGEST_MESSAGE if path in KINDS else LARGEST_BATCH

        async def accept(request: Request, caller: str) -> Response:
            del caller
            body = await read_body(request, most)
            metrics.stored(await in_thread(take, body, path, time.time_ns() // 1000))
            return JSONResponse({"success": True})

        return accept

    return [GuardedRoute(gate, "POST", f"/v1/{path}", handler(path), INGEST) for path in (*KINDS, "batch", "import")]

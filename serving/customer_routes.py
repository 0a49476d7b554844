"""The routes about one customer: look at, hand over, erase, and keep a decision."""

import time
from dataclasses import asdict

import msgspec
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from features.documents import Document, parse_document
from features.timestamps import parse_moment, to_iso
from serving.audit import hashed, write_audit
from serving.body import parse_object, read_body
from serving.consents import Consent, write_consents
from serving.customer_view import MOST_EVENTS, view_customer
from serving.errors import RequestError
from serving.gate import Gate
from serving.guarded import GuardedRoute
from serving.identities import Identities
from serving.keys import ADMIN, SCORE
from serving.languages.preference import accepted_language
from serving.path_text import path_text
from serving.personal_data import erase_customer, export_customer
from serving.schemas import Moment, Name
from serving.scorer import Scorer
from serving.store import Store
from serving.threads import in_thread
from serving.whole_number import whole_number

LARGEST_DECISION = 4 * 1024


class ConsentRequest(Document, strict=True):
    """A customer's decision about being scored.

    Parameters
    ----------
    decision
        ``granted``, ``denied`` or ``revoked``.
    at
        When it was made, ISO 8601 with a zone; now when not given.
    source
        Where it was made.
    """

    decision: str = Field(json_schema_extra={"enum": ["granted", "denied", "revoked"]})
    at: Moment | None = None
    source: Name = "api"


def customer_routes(gate: Gate, scorer: Scorer) -> list[GuardedRoute]:
    """Returns the routes below ``/customers``."""
    store = scorer.store

    async def view(request: Request, caller: str) -> Response:
        del caller
        asked = path_text(request, "customer_id"), _now(), _limit(request), _explain(request)
        found = await in_thread(view_customer, scorer, *asked, accepted_language(request))
        # written as the answer to a score request is, so that the scores in it are the same bytes
        headers = {"Vary": "Accept-Language"}
        return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)

    async def export(request: Request, caller: str) -> Response:
        return JSONResponse(
            await in_thread(export_customer, store.database, path_text(request, "customer_id"), _now(), caller)
        )

    async def erase(request: Request, caller: str) -> Response:
        receipt = await in_thread(erase_customer, store.database, path_text(request, "customer_id"), _now(), caller)
        return JSONResponse(asdict(receipt))

    async def consent(request: Request, caller: str) -> Response:
        body = await read_body(request, LARGEST_DECISION)
        return JSONResponse(await in_thread(decide, store, path_text(request, "customer_id"), body, _now(), caller))

    path = "/customers/{customer_id}"
    return [
        GuardedRoute(gate, "GET", path, view, SCORE),
        GuardedRoute(gate, "DELETE", path, erase, ADMIN),
        GuardedRoute(gate, "GET", f"{path}/export", export, ADMIN),
        GuardedRoute(gate, "PUT", f"{path}/consent", consent, ADMIN),
    ]


def decide(store: Store, customer_id: str, body: bytes, now: int, caller: str) -> dict[str, str]:
    """Keeps the decision in a body and returns it, filed under whom the id belongs to; it need not be known yet.

    Raises
    ------
    RequestError
        If the body holds no decision, or one from the future.
    """
    request = parse_document(parse_object(body), ConsentRequest, RequestError, "body")
    at = now if request.at is None else parse_moment(request.at, name="at")
    if at > now:
        raise RequestError(f"at {to_iso(at)} lies in the future; give when the decision was made")
    with store.database.writing() as connection:
        filed = Identities.known(connection, {customer_id}).resolve(customer_id, at)
        consent = Consent(filed, request.decision, at, request.source)
        write_consents(connection, [consent])
        subject = hashed(connection, filed)
        write_audit(connection, now, caller, "customer.consent", subject, {"decision": consent.decision})
    return {**asdict(consent), "at": to_iso(at)}


def _limit(request: Request) -> int:
    given = request.query_params.get("events", "100")
    most = whole_number(given, MOST_EVENTS)
    if most is None:
        raise RequestError(f"events={given:.40} is no number of events; give a whole number up to {MOST_EVENTS}")
    return most


def _explain(request: Request) -> bool:
    given = request.query_params.get("explain", "false")
    if given not in ("true", "false"):
        raise RequestError(f"explain={given:.40} says neither yes nor no; give true or false")
    return given == "true"


def _now() -> int:
    return time.time_ns() // 1000

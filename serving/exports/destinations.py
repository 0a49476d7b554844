"""Where scores are pushed to: address, proof of who we are, and how each tool tells of customers it did not take."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from typing_extensions import override

from features.errors import ConfigError, did_you_mean
from features.ingest import CUSTOMER
from serving.exports.bodies import Body, Receiver
from serving.exports.braze import Braze
from serving.exports.deliveries import Progress, Request
from serving.exports.hubspot import HubSpot, properties
from serving.exports.klaviyo import Klaviyo
from serving.exports.pipedrive import PIPEDRIVE, PipedrivePersons
from serving.exports.salesforce_jobs import SalesforceContacts
from serving.exports.score_fields import Row, ScoreField, plain
from serving.exports.transport import Answer, Transport
from serving.exports.webhook import signed_headers
from serving.settings import credential

UPSERT, PROPERTIES = "/crm/v3/objects/contacts/batch/upsert", "/crm/v3/properties/contacts"
HUBSPOT = f"https://api.hubapi.com{UPSERT}"
KLAVIYO = "https://a.klaviyo.com/api/profile-bulk-import-jobs/"
KLAVIYO_REVISION = "2024-10-15"
PARTLY = 207


class Destination(Protocol):
    """A tool that takes scores by requests, and how it is reached."""

    @property
    def receiver(self) -> Receiver:
        """What makes the bodies of requests."""
        ...

    @property
    def url(self) -> str:
        """Where requests go."""
        ...

    def prepare(self, fields: tuple[ScoreField, ...], transport: Transport) -> None:
        """Makes sure that the tool has a place for every field; called before the first request is sent."""
        ...

    def deliver(self, request: Request, transport: Transport, progress: Progress) -> dict[str, str]:
        """Sends a request, or goes on with one that was cut off, and returns the customers not taken, and why."""
        ...


class Posting:
    """A tool that takes a request in one step, and tells in its answer whom it did not take."""

    url: str

    def headers(self, key: str, body: str) -> dict[str, str]:
        """Returns what is sent along with a request."""
        raise NotImplementedError

    def refused(self, customers: list[str], answer: Answer) -> dict[str, str]:
        """Returns the customers that were not taken, and why; in the order in which they were sent."""
        raise NotImplementedError

    def prepare(self, fields: tuple[ScoreField, ...], transport: Transport) -> None:
        """Does nothing: the tool takes fields that it does not know."""

    def deliver(self, request: Request, transport: Transport, progress: Progress) -> dict[str, str]:
        """Posts a request; one that was cut off is posted again under its key."""
        del progress
        answer = transport.post(self.url, request.body, self.headers(request.key, request.body))
        return self.refused(list(request.digests), answer)


@dataclass(frozen=True)
class HubSpotContacts(Posting):
    """HubSpot's batch upsert; a partial success names each failure by the trace id of its input."""

    token: str
    receiver: HubSpot
    url: str = HUBSPOT

    def headers(self, key: str, body: str) -> dict[str, str]:
        """Returns the proof of who we are and the key of the request."""
        del body
        return {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})

    def refused(self, customers: list[str], answer: Answer) -> dict[str, str]:
        """Returns whom the answer's errors name; all of them if it counts errors that name nobody."""
        if answer.status != PARTLY:
            return {}
        told = _parsed(answer.body)
        named = dict(self._named(told.get("errors") or []))
        if told.get("numErrors") and not named:
            return dict.fromkeys(customers, "one of the request's customers was refused, and it is not told which")
        return {customer: reason for customer, reason in named.items() if customer in customers}

    @override
    def prepare(self, fields: tuple[ScoreField, ...], transport: Transport) -> None:
        """Creates the properties that the portal lacks: an upsert with an unknown one is refused as a whole."""
        url, proof = f"{self.url.removesuffix(UPSERT)}{PROPERTIES}", self.headers("", "")
        listed = _parsed(transport.send("GET", url, None, proof).body).get("results") or []
        known = {made.get("name") for made in listed}
        for wanted in properties(fields):
            if wanted["name"] not in known:
                transport.post(url, json.dumps(wanted), proof)

    @staticmethod
    def _named(errors: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for error in errors:
            traces = (error.get("context") or {}).get("objectWriteTraceId") or [error.get("objectWriteTraceId")]
            for trace in traces if isinstance(traces, list) else [traces]:
                yield str(trace).rpartition(":")[2], str(error.get("message", ""))


@dataclass(frozen=True)
class KlaviyoProfiles(Posting):
    """Klaviyo's bulk import, which answers that a job was taken; what became of each profile is told there later."""

    token: str
    receiver: Klaviyo
    url: str = KLAVIYO

    def headers(self, key: str, body: str) -> dict[str, str]:
        """Returns the proof of who we are and the key of the request."""
        del body
        return {
            "Authorization": f"Klaviyo-API-Key {self.token}",
            "revision": KLAVIYO_REVISION,
            "Idempotency-Key": key,
        }

    def refused(self, customers: list[str], answer: Answer) -> dict[str, str]:
        """Returns nobody: a job is taken as a whole."""
        del customers, answer
        return {}


@dataclass(frozen=True)
class BrazeUsers(Posting):
    """Braze's ``/users/track``; errors name the place of an item in the request."""

    token: str
    url: str
    receiver: Braze

    def headers(self, key: str, body: str) -> dict[str, str]:
        """Returns the proof of who we are and the key of the request."""
        del body
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}

    def refused(self, customers: list[str], answer: Answer) -> dict[str, str]:
        """Returns whom the answer's errors name."""
        errors = _parsed(answer.body).get("errors") or []
        named = {error.get("index"): str(error.get("type", "")) for error in errors if isinstance(error, dict)}
        return {customer: named[place] for place, customer in enumerate(customers) if place in named}


@dataclass(frozen=True)
class WebhookBody:
    """Our own webhook: the scores of up to 100 customers."""

    most: int = 100
    key: str = CUSTOMER

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body:
        """Returns the body of a webhook."""
        scores = [
            {CUSTOMER: row[CUSTOMER]} | {field.column: plain(field, row[field.column]) for field in fields}
            for row in rows
        ]
        return {"type": "scores.updated", "data": {"scores": scores}}


@dataclass(frozen=True)
class Webhook(Posting):
    """Any address that takes webhooks signed as Standard Webhooks asks; a request is taken as a whole."""

    url: str
    secrets: tuple[str, ...]
    receiver: WebhookBody
    clock: Callable[[], float] = time.time

    def headers(self, key: str, body: str) -> dict[str, str]:
        """Returns the signature; the key of the request is the message's id."""
        return signed_headers(body.encode(), f"msg_{key}", int(self.clock()), self.secrets)

    def refused(self, customers: list[str], answer: Answer) -> dict[str, str]:
        """Returns nobody."""
        del customers, answer
        return {}


def destination_named(tool: str, url: str | None, run: str) -> Destination:
    """Returns a destination with its key from the environment.

    Parameters
    ----------
    url
        Where Salesforce, Braze or a webhook is; the others have one address, which this replaces.
    run
        What the scoring run is called.

    Raises
    ------
    ConfigError
        If there is no such tool, or its address or key is missing.
    """
    if tool not in KEYS:
        raise ConfigError(f"nothing can be pushed to {tool!r}; {did_you_mean(tool, KEYS)}")
    if url is None and tool in WITHOUT_ADDRESS:
        raise ConfigError(f"{tool} has no address of its own; give one by --url")
    secret, address = credential(KEYS[tool]), url or ""
    if tool == "hubspot":
        return HubSpotContacts(secret, HubSpot(run), url or HUBSPOT)
    if tool == "klaviyo":
        return KlaviyoProfiles(secret, Klaviyo(), url or KLAVIYO)
    if tool == "salesforce":
        return SalesforceContacts(secret, address)
    if tool == "pipedrive":
        return PipedrivePersons(secret, url or PIPEDRIVE)
    if tool == "braze":
        return BrazeUsers(secret, address, Braze())
    return Webhook(address, tuple(secret.split()), WebhookBody())


KEYS = {
    "hubspot": "HUBSPOT_TOKEN",
    "salesforce": "SALESFORCE_TOKEN",
    "pipedrive": "PIPEDRIVE_TOKEN",
    "klaviyo": "KLAVIYO_KEY",
    "braze": "BRAZE_KEY",
    "webhook": "NEXTSTAGE_WEBHOOK_SECRETS",
}
"""The environment variables that hold the tools' keys; several secrets of a webhook are divided by spaces."""

WITHOUT_ADDRESS = ("salesforce", "braze", "webhook")


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

"""Pipedrive: scores pushed person by person, for it takes no batches.

https://developers.pipedrive.com/docs/api/v1
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from serving.exports.bodies import Body
from serving.exports.deliveries import Progress, Request
from serving.exports.score_fields import EMAIL, NUMBER, SHARE, Row, ScoreField, plain
from serving.exports.transport import RequestRefusedError, Transport

PIPEDRIVE = "https://api.pipedrive.com"
FIELDS, PERSONS, SEARCH = "/api/v2/personFields", "/api/v2/persons", "/api/v1/itemSearch/field"
SENDING = "sending"


@dataclass(frozen=True)
class PipedrivePerson:
    """One person a request, found by e-mail address; fields by our names, for theirs are known when it is sent."""

    most: int = 1
    key: str = EMAIL

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> Body:
        """Returns who it is, and the scores."""
        (row,) = rows
        return {EMAIL: row[EMAIL], "fields": {field.name: plain(field, row[field.column]) for field in fields}}


@dataclass(frozen=True)
class PipedrivePersons:
    """Persons, whose custom fields are called by hashes that differ from company to company.

    Pipedrive knows no idempotency keys. A request of which nobody knows whether it arrived is compared with what the
    person's fields hold, and sent again if they differ.

    Parameters
    ----------
    hashes
        The hash of each of our fields; ``prepare`` looks them up.
    """

    token: str
    url: str = PIPEDRIVE
    receiver: PipedrivePerson = field(default_factory=PipedrivePerson)
    hashes: dict[str, str] = field(default_factory=dict)

    def prepare(self, fields: tuple[ScoreField, ...], transport: Transport) -> None:
        """Looks up what the fields are called, and creates those that are missing."""
        self.hashes.update(self._known(transport))
        for each in fields:
            if each.name not in self.hashes:
                kind = "double" if each.kind in (NUMBER, SHARE) else "varchar"
                wanted = json.dumps({"field_name": each.name, "field_type": kind})
                made = self._call(transport, "POST", FIELDS, wanted)["data"]
                self.hashes[each.name] = _code(made)

    def deliver(self, request: Request, transport: Transport, progress: Progress) -> dict[str, str]:
        """Sets the fields of a person; returns the customer if there is no such person, or several."""
        told = json.loads(request.body)
        (customer,) = request.digests
        wanted = {self.hashes[name]: value for name, value in told["fields"].items() if name in self.hashes}
        try:
            found = self._found(transport, told[EMAIL])
            if len(found) != 1:
                return {customer: f"{len(found)} persons have this e-mail address; there must be one"}
            if progress.note != SENDING or not self._has(transport, found[0], wanted):
                progress.write(SENDING)
                self._call(transport, "PATCH", f"{PERSONS}/{found[0]}", json.dumps({"custom_fields": wanted}))
        except RequestRefusedError as problem:
            if not problem.concerns_one:
                raise
            return {customer: str(problem)}
        return {}

    def _known(self, transport: Transport) -> dict[str, str]:
        """Returns the hash of every field of persons by its name."""
        known: dict[str, str] = {}
        asked: dict[str, str] = {"limit": "500"}
        while True:
            page = self._call(transport, "GET", f"{FIELDS}?{urlencode(asked)}")
            known |= {str(each.get("field_name") or each.get("name")): _code(each) for each in page["data"]}
            cursor = (page.get("additional_data") or {}).get("next_cursor")
            if not cursor:
                return known
            asked["cursor"] = str(cursor)

    def _found(self, transport: Transport, address: str) -> list[int]:
        query = {"term": address, "field_type": "personField", "field_key": EMAIL}
        asked = urlencode(query | {"exact_match": "true", "return_item_ids": "true"})
        return [int(each["id"]) for each in self._call(transport, "GET", f"{SEARCH}?{asked}")["data"] or []]

    def _has(self, transport: Transport, person: int, wanted: dict[str, Any]) -> bool:
        held = self._call(transport, "GET", f"{PERSONS}/{person}")["data"].get("custom_fields") or {}
        return all(held.get(name) == value for name, value in wanted.items())

    def _call(self, transport: Transport, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        answer = transport.send(method, self.url.rstrip("/") + path, body, {"x-api-token": self.token})
        told: dict[str, Any] = json.loads(answer.body)
        return told


def _code(described: dict[str, Any]) -> str:
    return str(described.get("field_code") or described["key"])

"""Salesforce: scores pushed by jobs of the Bulk API 2.0, each of which happens once or not at all.

https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/
"""

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

from features.ingest import CUSTOMER
from serving.exports.deliveries import Progress, Request
from serving.exports.salesforce import EXTERNAL_ID, job, upsert_files
from serving.exports.score_fields import Row, ScoreField
from serving.exports.transport import PushError, RequestRefusedError, Transport, UnsettledError, unsettled

JOBS = "/services/data/v62.0/jobs/ingest"
OPEN, UPLOADED, DONE, FAILED, ABORTED = "Open", "UploadComplete", "JobComplete", "Failed", "Aborted"
GONE = 404
"""The status of a job that Salesforce has forgotten, as it does after a week."""
POLLS, LONGEST_WAIT = 120, 15.0
"""How often a job is looked at, and the most seconds in between: about half an hour."""


@dataclass(frozen=True)
class SalesforceFile:
    """The CSV of one job: contacts by our customer id; far below the 100 MB that a job may have."""

    most: int = 10_000
    key: str = CUSTOMER

    def body(self, rows: list[Row], fields: tuple[ScoreField, ...]) -> str:
        """Returns the text of the file."""
        (text,) = upsert_files(rows, fields)
        return text


@dataclass(frozen=True)
class SalesforceContacts:
    """Contacts, upserted by an external id.

    Nothing of a job is processed before its upload is declared complete, and its id is noted before anything is
    uploaded. So a push that is cut off goes on with a job that was declared complete, and drops one that was not.

    Parameters
    ----------
    token
        An OAuth access token.
    url
        The address of the organisation, like ``https://acme.my.salesforce.com``.
    """

    token: str
    url: str
    receiver: SalesforceFile = field(default_factory=SalesforceFile)

    def prepare(self, fields: tuple[ScoreField, ...], transport: Transport) -> None:
        """Does nothing: an administrator makes custom fields, and a job that lacks one fails with its name."""

    def deliver(self, request: Request, transport: Transport, progress: Progress) -> dict[str, str]:
        """Upserts the rows of a file and returns who was not taken, and why."""
        name = progress.note
        if name is None or not self._is_complete(transport, name):
            name = str(self._call(transport, "POST", JOBS, json.dumps(job()))["id"])
            progress.write(name)
            self._upload(transport, name, request.body)
        with unsettled():
            told = self._finished(transport, name)
            taken = self._rows(transport, f"{name}/successfulResults")
            failed = self._rows(transport, f"{name}/failedResults")
        return _refused(request, name, taken, failed, str(told.get("errorMessage") or "it was not processed"))

    def _is_complete(self, transport: Transport, name: str) -> bool:
        """Says whether all of a noted job was uploaded; one of which that is not sure is ended for good."""
        try:
            with unsettled():
                state = self._state(transport, name)
                if state == OPEN:
                    self._call(transport, "PATCH", f"{JOBS}/{name}", json.dumps({"state": ABORTED}))
        except UnsettledError as problem:
            if problem.status != GONE:
                raise
            return False
        return state not in (OPEN, ABORTED)

    def _upload(self, transport: Transport, name: str, text: str) -> None:
        self._call(transport, "PUT", f"{JOBS}/{name}/batches", text, {"Content-Type": "text/csv"})
        try:
            self._call(transport, "PATCH", f"{JOBS}/{name}", json.dumps({"state": UPLOADED}))
        except RequestRefusedError:
            with unsettled():
                state = self._state(transport, name)
            if state in (OPEN, ABORTED):
                raise  # otherwise it was done before: only the answer was lost

    def _finished(self, transport: Transport, name: str) -> dict[str, Any]:
        for poll in range(POLLS):
            told = self._call(transport, "GET", f"{JOBS}/{name}")
            if told["state"] in (DONE, FAILED, ABORTED):
                return told
            transport.wait(min(LONGEST_WAIT, 0.5 * 1.5**poll))
        raise PushError(f"Salesforce still works on job {name}; push again later, and it goes on from there")

    def _rows(self, transport: Transport, place: str) -> list[dict[str, str]]:
        answer = transport.send("GET", f"{self._root}{JOBS}/{place}", None, self._headers)
        return list(csv.DictReader(io.StringIO(answer.body)))

    def _state(self, transport: Transport, name: str) -> str:
        return str(self._call(transport, "GET", f"{JOBS}/{name}")["state"])

    def _call(
        self, transport: Transport, method: str, path: str, body: str | None = None, more: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = transport.send(method, self._root + path, body, self._headers | (more or {}))
        told: dict[str, Any] = json.loads(answer.body or "{}")
        return told

    @property
    def _root(self) -> str:
        return self.url.rstrip("/")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _refused(
    request: Request, name: str, taken: list[dict[str, str]], failed: list[dict[str, str]], otherwise: str
) -> dict[str, str]:
    """Returns everybody who is not among the successes: failed rows with their reason, the others with another.

    Raises
    ------
    RequestRefusedError
        If the job failed as a whole.
    """
    if not taken and not failed:
        raise RequestRefusedError(f"Salesforce took nothing of job {name} ({otherwise}); correct that and push again")
    successes = {row[EXTERNAL_ID] for row in taken}
    reasons = {row[EXTERNAL_ID]: row["sf__Error"] for row in failed}
    return {who: reasons.get(who, otherwise) for who in request.digests if who not in successes}

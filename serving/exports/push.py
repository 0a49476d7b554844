"""Pushes scores to a tool: only what changed, each request once, failures customer by customer."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from features.ingest import CUSTOMER
from serving.exports.deliveries import Deliveries, Progress, Request, digest_of
from serving.exports.destinations import Destination
from serving.exports.score_fields import Row, ScoreField, plain
from serving.exports.transport import RequestRefusedError, Transport

VOLATILE = frozenset({"scored_at", "as_of"})
"""Fields that differ in every run: alone they are no news."""


@dataclass
class PushReport:
    """What became of each customer: ``sent`` and ``unchanged`` are numbers, ``refused`` says why."""

    sent: int = 0
    unchanged: int = 0
    requests: int = 0
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Push:
    """A way to one destination.

    Parameters
    ----------
    journal
        What it has been told already; requests cut off there are sent again first, under their old key.
    dry_run
        Makes the requests and sends none.
    """

    destination: Destination
    journal: Deliveries
    transport: Transport
    dry_run: bool = False

    def send(self, rows: Iterable[Row], fields: tuple[ScoreField, ...]) -> PushReport:
        """Sends what changed since the last time and returns what became of it.

        Raises
        ------
        PushError
            If the destination refuses a request as a whole or does not answer; what was sent before is in the journal,
            and the next push goes on from there.
        """
        report = PushReport()
        if self.dry_run:
            for request in self._requests(rows, fields, report):
                report.requests, report.sent = report.requests + 1, report.sent + len(request.digests)
            return report
        # what is new is looked for after what was cut off has arrived
        for place, request in enumerate(chain(self.journal.underway(), self._requests(rows, fields, report))):
            if place == 0:
                self.destination.prepare(fields, self.transport)
            self._deliver(request, report)
        return report

    def _requests(self, rows: Iterable[Row], fields: tuple[ScoreField, ...], report: PushReport) -> Iterator[Request]:
        receiver = self.destination.receiver
        changed = self._changed(rows, fields, report)
        while block := list(islice(changed, receiver.most)):
            made = receiver.body([row for row, _ in block], fields)
            body = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False, allow_nan=False)
            yield Request(digest_of([self.destination.url, body]), body, {str(r[CUSTOMER]): told for r, told in block})

    def _changed(
        self, rows: Iterable[Row], fields: tuple[ScoreField, ...], report: PushReport
    ) -> Iterator[tuple[Row, str]]:
        for row in rows:
            said: dict[str, Any] = {f.name: plain(f, row[f.column]) for f in fields if f.column not in VOLATILE}
            digest = digest_of(said)
            if self.journal.is_known(str(row[CUSTOMER]), digest):
                report.unchanged += 1
            else:
                yield row, digest

    def _deliver(self, request: Request, report: PushReport) -> None:
        self.journal.begin(request)
        try:
            refused = self.destination.deliver(request, self.transport, Progress(self.journal, request))
        except RequestRefusedError:
            self.journal.end(request, request.digests)  # nothing of it was taken, and repeating it would not help
            raise
        self.journal.end(request, refused)
        report.requests += 1
        report.sent += len(request.digests) - len(refused)
        report.refused |= refused

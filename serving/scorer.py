"""Answers a score request: from the body's bytes to the answer's, with the clock handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from features.encoded_log import EncodedLog
from features.errors import did_you_mean
from features.events import EventLog
from features.ingest import CUSTOMER, Schema, log_from_frame
from features.snapshots import Snapshots
from features.timestamps import parse_moment, to_iso
from models.explain import Explainer
from models.predictor import Predictor, RegisteredPredictor
from serving.errors import RequestError
from serving.histories import Histories
from serving.schemas import InlineEvent, ScoreRequest, parse_request
from serving.store import Store

MOST_QUICK = 4
"""So many customers are answered at once; a server elsewhere may keep any of them waiting."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """One loaded model and the store that it reads."""

    model: RegisteredPredictor
    store: Store

    @cached_property
    def explainer(self) -> Explainer:
        """The reasons of the model, compiled when they are first asked for, or when the service starts."""
        return Explainer.of(self.model.predictor)

    @cached_property
    def histories(self) -> Histories:
        """What is kept in memory of the customers of the store."""
        return Histories(self.store, self.model.predictor)

    def prepare(self) -> None:
        """Makes everything that the first request would have to wait for."""
        event = InlineEvent(customer_id="-", timestamp="2000-01-01T00:00:00Z", event="-")
        self.answer_to(ScoreRequest(events=[event], explain=True), 0)
        len(self.histories)

    def answer(self, body: bytes, now: int) -> bytes:
        """Returns the JSON answer to a JSON request; floats are written so that they read back bit for bit.

        Parameters
        ----------
        now
            The cutoff of a request that names none, UTC microseconds.

        Raises
        ------
        UnknownCustomerError
            If the store has no events of a customer.
        RequestError, EventLogError
            If the body cannot be answered.
        """
        return self.answer_to(parse_request(body), now)

    def is_quick(self, request: ScoreRequest) -> bool:
        """Says whether answering takes less than passing the request to a thread would be worth."""
        customers = request.customer_ids
        return customers is not None and len(customers) <= MOST_QUICK and self.store.database.is_sqlite

    def answer_to(self, request: ScoreRequest, now: int) -> bytes:
        """Returns the JSON answer to a request; see ``answer``."""
        as_of = now if request.as_of is None else parse_moment(request.as_of)
        predictor = self._predictor(request.targets)
        if request.events is None:
            asked = request.customer_ids or []
            known, suppressed = self.histories.read(list(dict.fromkeys(asked)))
        else:
            asked, suppressed = list(dict.fromkeys(event.customer_id for event in request.events)), frozenset()
            known = predictor.encode(inline_log(request.events, request.attributes))
        records = {record[CUSTOMER]: record for record in self._records(predictor, known, as_of, request.explain)}
        records |= {name: {CUSTOMER: name, "suppressed": True} for name in suppressed}
        scores = [records[name] for name in asked]
        return msgspec.json.encode({"model": self.describe(), "as_of": to_iso(as_of), "scores": scores})

    def describe(self) -> dict[str, str]:
        """Returns the model's name and version."""
        return {"name": self.model.name, "version": self.model.version}

    def describe_model(self) -> dict[str, Any]:
        """Returns which model answers, what it predicts and where it comes from."""
        predictor = self.model.predictor
        targets = [{**model.target.to_dict(), "classes": list(model.classes)} for model in predictor.models]
        return {
            **self.describe(),
            "fingerprint": predictor.fingerprint,
            "stages": list(predictor.journey.stage_names),
            "targets": targets,
            "features": len(predictor.feature_set.columns),
            "facts": predictor.facts,
        }

    def _predictor(self, targets: Sequence[str] | None) -> Predictor:
        predictor = self.model.predictor
        for kind in targets or ():
            if kind not in predictor.kinds:
                raise RequestError(f"target '{kind}' is not predicted; {did_you_mean(kind, predictor.kinds)}")
        return predictor.only(targets)

    def _records(self, predictor: Predictor, known: EncodedLog, as_of: int, explain: bool) -> list[dict[str, Any]]:
        """Returns the record of each customer of a log."""
        rows = len(known.customers)
        snapshots = Snapshots(np.arange(rows), np.full(rows, as_of, dtype=np.int64))
        X = predictor.features(known, snapshots)
        scores = predictor.score_features(known, snapshots, X)
        records = scores.records()
        if explain:
            for record, reasons in zip(records, self.explainer.explain(scores, X), strict=True):
                record["reasons"] = {kind: [reason.to_dict() for reason in own] for kind, own in reasons.items()}
        return records


def inline_log(events: Sequence[InlineEvent], attributes: dict[str, dict[str, Any]]) -> EventLog:
    """Returns the EventLog of events that came with a request."""
    dimensions = tuple({name: None for event in events for name in event.dimensions})
    measures = tuple({name: None for event in events for name in event.measures})
    own = set(InlineEvent.model_fields)
    if taken := own.intersection((*dimensions, *measures)) or set(dimensions).intersection(measures):
        raise RequestError(f"'{min(taken)}' is used for two things in the events; give the extra one another name")
    frame = pd.DataFrame(
        [event.model_dump(exclude={"dimensions", "measures"}) | event.dimensions | event.measures for event in events]
    )
    table = _attribute_table(attributes) if attributes else None
    return log_from_frame(frame, Schema(None, dimensions, measures), table, row_name=lambda row: f"event {row + 1}")


def _attribute_table(attributes: dict[str, dict[str, Any]]) -> pd.DataFrame:
    kinds: dict[str, type] = {}
    for record in attributes.values():
        for name, value in record.items():
            if name == CUSTOMER or (value is not None and kinds.setdefault(name, type(value)) is not type(value)):
                raise RequestError(
                    f"attribute '{name}' is a text and a number, or has a taken name; correct 'attributes'"
                )
    return pd.DataFrame([{CUSTOMER: name} | record for name, record in attributes.items()])

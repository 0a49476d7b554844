"""Answers a score request: from the body's bytes to the answer's, with the clock handed in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.errors import did_you_mean
from features.events import EventLog
from features.ingest import CUSTOMER, Schema, log_from_frame
from features.snapshots import Snapshots
from features.timestamps import parse_moment, to_iso
from models.explain import Explainer
from models.predictor import RegisteredPredictor
from serving.errors import RequestError
from serving.schemas import InlineEvent, ScoreRequest, parse_request
from serving.store import Store


@dataclass(frozen=True, eq=False)
class Scorer:
    """One loaded model and the store that it reads."""

    model: RegisteredPredictor
    store: Store

    @cached_property
    def explainer(self) -> Explainer:
        """The reasons of the model, compiled when they are first asked for, or when the service starts."""
        return Explainer.of(self.model.predictor)

    def prepare(self) -> None:
        """Makes everything that the first request would have to wait for."""
        log = inline_log([InlineEvent(customer_id="-", timestamp="2000-01-01T00:00:00Z", event="-")], {})
        snapshots = Snapshots.at(log, log.end)
        X = self.model.predictor.feature_set.compute(log, self.model.predictor.journey, snapshots)
        self.explainer.explain(self.model.predictor.score_features(log, snapshots, X), X)

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
        request = parse_request(body)
        as_of = now if request.as_of is None else parse_moment(request.as_of)
        log, customers = self._read(request)
        customer = log.positions(customers)
        snapshots = Snapshots(customer, np.full(len(customer), as_of, dtype=np.int64))
        answer = {
            "model": self.describe(),
            "as_of": to_iso(as_of),
            "scores": self._records(log, snapshots, request),
        }
        return json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()

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

    def _records(self, log: EventLog, snapshots: Snapshots, request: ScoreRequest) -> list[dict[str, Any]]:
        predictor = self.model.predictor
        for kind in request.targets or ():
            if kind not in predictor.kinds:
                raise RequestError(f"target '{kind}' is not predicted; {did_you_mean(kind, predictor.kinds)}")
        predictor = predictor.only(request.targets)
        X = predictor.features(log, snapshots)
        scores = predictor.score_features(log, snapshots, X)
        records = scores.records()
        suppressed = self.store.suppressed([record[CUSTOMER] for record in records])  # also of events that come along
        if request.explain:
            for record, reasons in zip(records, self.explainer.explain(scores, X), strict=True):
                record["reasons"] = {kind: [reason.to_dict() for reason in own] for kind, own in reasons.items()}
        return [
            {CUSTOMER: record[CUSTOMER], "suppressed": True} if record[CUSTOMER] in suppressed else record
            for record in records
        ]

    def _read(self, request: ScoreRequest) -> tuple[EventLog, Sequence[str]]:
        """Returns the log of a request and its customers in the order of the question."""
        if request.events is None:
            customers = request.customer_ids or []
            return self.store.log(customers), customers
        return inline_log(request.events, request.attributes), list({e.customer_id: None for e in request.events})


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

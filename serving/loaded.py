"""One model, ready to answer: from a question to the records of its customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.encoded_log import EncodedLog
from features.errors import did_you_mean
from features.ingest import CUSTOMER
from features.languages.messages import ENGLISH
from features.snapshots import Snapshots
from models.explain import Explainer
from models.predictor import Predictor, RegisteredPredictor
from serving.errors import RequestError
from serving.histories import Histories
from serving.inline import inline_log
from serving.schemas import InlineEvent, ScoreRequest
from serving.store import Store

Record = dict[str, Any]


def suppressed_record(customer_id: str) -> Record:
    """Returns the answer about somebody who opted out of being profiled."""
    return {CUSTOMER: customer_id, "suppressed": True}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model with all that is kept for it: its reasons, compiled, and the customers asked for last."""

    model: RegisteredPredictor
    store: Store

    @cached_property
    def explainer(self) -> Explainer:
        """The reasons of the model."""
        return Explainer.of(self.model.predictor)

    @cached_property
    def histories(self) -> Histories:
        """What is kept in memory of the customers of the store."""
        return Histories(self.store, self.model.predictor)

    def prepare(self, customers: Sequence[str] = ()) -> None:
        """Makes everything that the first request would have to wait for.

        Parameters
        ----------
        customers
            Who is read from the store already.
        """
        event = InlineEvent(customer_id="-", timestamp="2000-01-01T00:00:00Z", event="-")
        self.records(ScoreRequest(events=[event], explain=True), 0)
        self.histories.warm(customers)

    def records(self, request: ScoreRequest, as_of: int, language: str = ENGLISH) -> list[Record]:
        """Returns a record for each customer of a question, in its order.

        Parameters
        ----------
        language
            Of the reasons, if any are asked for.

        Raises
        ------
        UnknownCustomerError
            If the store has no events of a customer.
        RequestError, EventLogError
            If the question cannot be answered.
        """
        predictor = self._predictor(request.targets)
        if request.events is None:
            asked = request.customer_ids or []
            known, suppressed = self.histories.read(list(dict.fromkeys(asked)))
        else:
            asked = list(dict.fromkeys(event.customer_id for event in request.events))
            suppressed = self.store.suppressed(asked)  # who opted out is profiled by no events, whoever sends them
            known = predictor.encode(inline_log(request.events, request.attributes))
        told = language if request.explain else None
        found = {record[CUSTOMER]: record for record in self._score(predictor, known, as_of, told)}
        found |= {name: suppressed_record(name) for name in suppressed}
        return [found[name] for name in asked]

    def describe(self) -> dict[str, str]:
        """Returns the model's name and version."""
        return {"name": self.model.name, "version": self.model.version}

    def _predictor(self, targets: Sequence[str] | None) -> Predictor:
        predictor = self.model.predictor
        for kind in targets or ():
            if kind not in predictor.kinds:
                raise RequestError(f"target '{kind}' is not predicted; {did_you_mean(kind, predictor.kinds)}")
        return predictor.only(targets)

    def _score(self, predictor: Predictor, known: EncodedLog, as_of: int, language: str | None) -> list[Record]:
        """Returns the records, with reasons if a language is given."""
        rows = len(known.customers)
        snapshots = Snapshots(np.arange(rows), np.full(rows, as_of, dtype=np.int64))
        X = predictor.features(known, snapshots)
        scores = predictor.score_features(known, snapshots, X)
        records = scores.records()
        if language is not None:
            for record, reasons in zip(records, self.explainer.explain(scores, X, language=language), strict=True):
                record["reasons"] = {kind: [reason.to_dict() for reason in own] for kind, own in reasons.items()}
        return records

"""Answers a score request: from the body's bytes to the answer's, with the clock handed in."""

from typing import Any, NamedTuple

import msgspec

from features.languages.messages import ENGLISH
from features.timestamps import parse_moment, to_iso
from models.predictor import RegisteredPredictor
from serving.loaded import Loaded, Record
from serving.schemas import ScoreRequest, parse_request
from serving.store import Store

MOST_QUICK = 4
"""So many customers are answered at once; a server elsewhere may keep any of them waiting."""


class Answer(NamedTuple):
    """The answer to one request.

    Parameters
    ----------
    body
        All of it as JSON.
    model
        The name and version of the model that made it.
    as_of
        The cutoff, UTC microseconds.
    """

    body: bytes
    model: dict[str, str]
    as_of: int
    records: list[Record]


class Scorer:
    """The model that answers now, and the store that it reads.

    Parameters
    ----------
    model
        The first one; ``replace`` puts another in its place between two requests.
    """

    def __init__(self, model: RegisteredPredictor, store: Store) -> None:
        self.store = store
        self._loaded = Loaded(model, store)

    @property
    def model(self) -> RegisteredPredictor:
        """The model that answers now."""
        return self._loaded.model

    def prepare(self) -> None:
        """Makes everything that the first request would have to wait for."""
        self._loaded.prepare()

    def replace(self, model: RegisteredPredictor) -> None:
        """Answers with another model from now on; requests under way are answered by the one they began with.

        The new one is made ready first, with the customers that the old one has in memory.
        """
        fresh = Loaded(model, self.store)
        fresh.prepare(self._loaded.histories.customers())
        self._loaded = fresh  # an atomic step

    def answer(self, body: bytes, now: int, language: str = ENGLISH) -> bytes:
        """Returns the JSON answer to a JSON request; floats are written so that they read back bit for bit.

        Parameters
        ----------
        now
            The cutoff of a request that names none, UTC microseconds.
        language
            Of the reasons.

        Raises
        ------
        UnknownCustomerError
            If the store has no events of a customer.
        RequestError, EventLogError
            If the body cannot be answered.
        """
        return self.answer_to(parse_request(body), now, language).body

    def is_quick(self, request: ScoreRequest) -> bool:
        """Says whether an answer takes less time than passing the request to a thread would be worth."""
        customers = request.customer_ids
        return customers is not None and len(customers) <= MOST_QUICK and self.store.database.is_sqlite

    def answer_to(self, request: ScoreRequest, now: int, language: str = ENGLISH) -> Answer:
        """Returns the answer to a request; see ``answer``."""
        loaded = self._loaded  # one model answers the whole of it
        as_of = now if request.as_of is None else parse_moment(request.as_of)
        records = loaded.records(request, as_of, language)
        model = loaded.describe()
        told = {"model": model, "as_of": to_iso(as_of), "scores": records}
        return Answer(msgspec.json.encode(told), model, as_of, records)

    def describe(self) -> dict[str, str]:
        """Returns the model's name and version."""
        return self._loaded.describe()

    def describe_model(self) -> dict[str, Any]:
        """Returns which model answers, what it predicts and where it comes from."""
        predictor = self.model.predictor
        targets = [{**model.target.to_dict(), "classes": list(model.classes)} for model in predictor.models]
        return {
            **self.describe(),
            "fingerprint": predictor.fingerprint,
            "stages": list(predictor.journey.stage_names),
            "journey": predictor.journey.to_dict(),
            "horizon": predictor.horizon,
            "targets": targets,
            "features": len(predictor.feature_set.columns),
            "data": _data_period(predictor.facts),
            "facts": predictor.facts,
        }


def _data_period(facts: dict[str, Any]) -> dict[str, str]:
    """Returns from when until when the events were that the model learnt from, as far as it knows."""
    return {name: to_iso(facts[name]) for name in ("start", "end") if name in facts}

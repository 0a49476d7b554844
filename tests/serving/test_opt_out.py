"""Who opted out of being profiled is in no answer and no batch, whichever way somebody asks."""

import json
from pathlib import Path

import pandas as pd

from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from serving.batch import run_batch, score_all
from serving.customer_routes import decide
from serving.customer_view import describe_customer, view_customer
from serving.occasion import Occasion
from serving.scorer import Scorer
from serving.segments.latest import Latest
from serving.store import Store

EVENT = {"timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "value": 2.0}
HIDDEN = {"customer_id": "c0001", "suppressed": True}


def test_who_opted_out_is_in_no_answer(
    model: RegisteredPredictor, events: pd.DataFrame, cutoff: int, tmp_path: Path
) -> None:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(events[events["customer_id"].isin(["c0001", "c0002"])])
        decide(store, "c0001", b'{"decision": "denied"}', cutoff, "me")
        scorer = Scorer(model, store)

        def first(**question: object) -> object:
            answer = scorer.answer(json.dumps(question | {"as_of": to_iso(cutoff), "explain": True}).encode(), cutoff)
            return json.loads(answer)["scores"][0]

        assert first(customer_ids=["c0001", "c0002"]) == HIDDEN
        assert first(events=[EVENT | {"customer_id": "c0001"}]) == HIDDEN, "not even of events that come along"
        assert first(events=[EVENT | {"customer_id": "new"}]) != HIDDEN
        assert score_all(store, model, cutoff).customer_id.tolist() == ["c0002"]
        assert describe_customer(store, model.predictor.journey, "c0001", cutoff, 5)["stage"] is None
        decide(store, "c0001", b'{"decision": "granted"}', cutoff + 1, "me")
        assert first(customer_ids=["c0001"]) != HIDDEN


def test_the_ids_of_before_are_in_no_answer_and_no_audience_either(
    model: RegisteredPredictor, events: pd.DataFrame, cutoff: int, tmp_path: Path
) -> None:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        some = events[events["customer_id"].isin(["c0001", "c0002", "c0003"])]
        store.add(some.replace({"customer_id": {"c0003": "cookie"}}))
        assert len(store.suppressed()) == 0
        store.add_aliases([("cookie", cutoff, "c0001")])  # what it did until then stays its own
        scorer = Scorer(model, store)

        def record(**question: object) -> object:
            answer = scorer.answer(json.dumps(question | {"as_of": to_iso(cutoff)}).encode(), cutoff)
            return json.loads(answer)["scores"][0]

        hidden = {"customer_id": "cookie", "suppressed": True}
        assert record(customer_ids=["cookie"]) != hidden
        decide(store, "c0001", b'{"decision": "denied"}', cutoff, "me")
        assert record(customer_ids=["cookie"]) == hidden
        assert record(events=[EVENT | {"customer_id": "cookie"}]) == hidden
        view = view_customer(scorer, "cookie", cutoff, 5)
        assert (view["stage"], view["suppressed"], view["scores"]) == (None, True, hidden)
        assert score_all(store, model, cutoff).customer_id.tolist() == ["c0002"]
        run_batch(store, model, Occasion(1, cutoff), tmp_path / "scores.parquet")
        assert pd.read_parquet(tmp_path / "scores.parquet")["customer_id"].tolist() == ["c0002"]
        assert store.consented_log().customers.tolist() == ["c0002"]
        with store.database.reading() as connection:
            assert Latest().table(connection).customer_id.tolist() == ["c0002"]

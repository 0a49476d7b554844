"""Scoring everybody in blocks gives the bits of scoring each alone, and a table is written as a whole."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine, func, select

from features.errors import StoreError
from features.events import EventLog
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving import batch
from serving.batch import concatenate, read_scores, run_batch, score_all
from serving.consents import Consent, write_consents
from serving.scorer import Scorer
from serving.store import Store
from serving.tables import SCORES


def assert_same_bits(left: Scores, right: Scores) -> None:
    assert left.records() == right.records()
    for mine, theirs in zip(left.targets, right.targets, strict=True):
        assert mine.probabilities.tobytes() == theirs.probabilities.tobytes()
    assert left.spend is not None
    assert right.spend is not None
    assert left.spend.expected.tobytes() == right.spend.expected.tobytes()
    assert left.spend.high.tobytes() == right.spend.high.tobytes()


def test_blocks_give_the_bits_of_the_whole_log(
    filled: tuple[str, Store], log: EventLog, model: RegisteredPredictor, cutoff: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BLOCK", 7)
    whole = model.predictor.score(log, Snapshots.at(log, cutoff))
    assert_same_bits(score_all(filled[1], model, cutoff), whole)


def test_one_by_one_gives_the_bits_of_the_batch(
    filled: tuple[str, Store], model: RegisteredPredictor, cutoff: int
) -> None:
    store = filled[1]
    logs = [store.log([name]) for name in store.customers()]
    alone = [model.predictor.score(log, Snapshots.at(log, cutoff)) for log in logs]
    assert_same_bits(concatenate(alone), score_all(store, model, cutoff))


def test_who_opted_out_is_in_no_batch_and_no_answer(
    store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    first, second = store.customers()[:2]
    with store.database.writing() as connection:
        write_consents(connection, [Consent(first, "revoked", 5, "form")])
    assert first not in score_all(store, model, cutoff).customer_id
    question = json.dumps({"customer_ids": [second, first], "explain": True}).encode()
    scored, held_back = json.loads(Scorer(model, store).answer(question, cutoff))["scores"]
    assert held_back == {"customer_id": first, "suppressed": True}
    assert scored["customer_id"] == second
    assert "churn_prob" in scored


def test_a_run_is_returned_written_and_kept(
    tmp_path: Path, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    shares: list[float] = []
    url, path = f"sqlite:///{tmp_path}/nextstage.db", tmp_path / "out" / "scores.parquet"
    with Store(url) as store:
        store.add(events)
        frame = run_batch(store, model, cutoff, 1, path, shares.append)
    assert np.isclose(sum(shares), 1.0)
    assert set(frame["model_version"]) == {"1"}
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SCORES)) == len(frame)
    engine.dispose()


def test_an_empty_store_cannot_be_scored(store: Store, model: RegisteredPredictor) -> None:
    with pytest.raises(StoreError, match="nobody can be scored; add events first"):
        score_all(store, model, 0)


def test_the_last_scores_are_read_again(tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "stage_current": ["loyal"], "churn_prob": [0.1]})
    frame.to_parquet(tmp_path / "scores.parquet")
    assert read_scores(tmp_path / "scores.parquet").equals(frame)


def test_what_is_no_score_table_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no scores at .*; run 'nextstage score' first"):
        read_scores(tmp_path / "scores.parquet")
    (tmp_path / "text.parquet").write_text("customer_id", encoding="utf-8")
    with pytest.raises(StoreError, match="is no score table"):
        read_scores(tmp_path / "text.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(StoreError, match="no column 'stage_current'"):
        read_scores(tmp_path / "other.parquet")

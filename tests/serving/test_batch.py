"""Scoring everybody in blocks gives the bits of scoring each alone, and a table is written as a whole."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine, func, select

from features.durations import DAY
from features.errors import StoreError
from features.events import EventLog
from features.snapshots import Snapshots
from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving import batch
from serving.batch import concatenate, read_scores, run_batch, score_all
from serving.consents import Consent, write_consents
from serving.occasion import Occasion
from serving.personal_data import erase_customer
from serving.runs import RUNNING, latest_runs, read_runs, scored_customers, standing_runs
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
        run = run_batch(store, model, Occasion(1, cutoff), path, shares.append)
        frame = score_all(store, model, cutoff).frame().assign(model_version="1")
        assert (run.is_whole, store.count_scores(run)) == (True, len(frame))
    assert np.isclose(sum(shares), 1.0)
    assert set(frame["model_version"]) == {"1"}
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SCORES)) == len(frame)
    engine.dispose()


def test_a_run_that_was_killed_goes_on_where_it_was_and_nobody_sees_half_of_it(
    database_url: str, tmp_path: Path, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    path = tmp_path / "scores.parquet"
    model.predictor.save(tmp_path / "predictor")
    with Store(database_url) as store:
        store.add(events)
        for blocks in (1, 2):
            killed(database_url, tmp_path, cutoff, blocks)
            assert not path.exists()
            with store.database.reading() as connection:
                (run,) = read_runs(connection, RUNNING)
                assert read_runs(connection) == []
                assert latest_runs(connection, standing_runs(read_runs(connection))) == {}
        done = store.count_scores(run)
        assert 2 * 7 <= done < len(store.customers())
        (tmp_path / ".scores.parquet.77").write_text("half", encoding="utf-8")
        shares: list[float] = []
        assert run_batch(store, model, Occasion(3, cutoff), path, shares.append).run_id == run.run_id
        assert np.isclose(shares[0], done / len(store.customers()))
        assert np.isclose(sum(shares), 1.0)
        whole = score_all(store, model, cutoff).frame().assign(model_version="1")
    pd.testing.assert_frame_equal(pd.read_parquet(path), whole, check_exact=True)
    assert [entry.name for entry in tmp_path.glob(".scores*")] == []


def killed(url: str, folder: Path, cutoff: int, blocks: int) -> None:
    """Scores in a process that is killed once it has told so many times of its progress."""
    code = f"""
from pathlib import Path
from models.predictor import Predictor, RegisteredPredictor
from serving import batch
from serving.occasion import Occasion
from serving.store import Store

batch.BLOCK = 7
model = RegisteredPredictor(Predictor.load(Path({str(folder / "predictor")!r})), "small", "1")
with Store({url!r}) as store:
    path = Path({str(folder / "scores.parquet")!r})
    batch.run_batch(store, model, Occasion(2, {cutoff}), path, lambda share: print(share, flush=True))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(blocks):
            assert float(child.stdout.readline()) > 0
        child.kill()


def test_only_who_changed_is_scored_anew_and_the_others_keep_their_scores(
    store: Store, tmp_path: Path, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    path, later = tmp_path / "scores.parquet", cutoff + DAY
    moment = pd.Timestamp(cutoff, unit="us", tz="UTC")
    events = events[events["timestamp"] <= moment]
    store.add(events)
    everybody = store.customers()
    first = run_batch(store, model, Occasion(10, cutoff, only_changed=True), path)
    assert first.is_whole, "without an earlier run everybody is scored"
    when = to_iso(cutoff + 5)
    new = [{"customer_id": name, "timestamp": when, "event": "purchase", "value": 9} for name in ("c0001", "new")]
    store.add(pd.DataFrame(new))
    expected = {"c0001", "new"} | set(events.loc[events["known_at"] > moment, "customer_id"])
    assert expected < {*everybody, "new"}
    second = run_batch(store, model, Occasion(11, later, only_changed=True), path)
    assert (second.is_whole, second.since) == (False, cutoff)
    with store.database.reading() as connection:
        assert scored_customers(connection, second) == expected
    table = pd.read_parquet(path).set_index("customer_id")
    assert sorted(table.index) == sorted([*everybody, "new"])
    renewed = table.index.isin(sorted(expected))
    for scored, rows in ((later, renewed), (cutoff, ~renewed)):
        assert set(table.loc[rows, "as_of"]) == {to_iso(scored)}
        whole = score_all(store, model, scored).frame().assign(model_version="1").set_index("customer_id")
        pd.testing.assert_frame_equal(table[rows], whole.loc[table.index[rows]], check_exact=True)


def test_who_opts_out_or_is_erased_while_a_run_goes_on_is_not_in_it(
    store: Store, tmp_path: Path, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(events)
    left, erased = store.customers()[:2]

    def leave(_: float) -> None:  # after the block with both is written, before readers see it
        store.add_consents([Consent(left, "revoked", 5, "form")])
        erase_customer(store.database, erased, 6, "tests")

    run = run_batch(store, model, Occasion(1, cutoff), tmp_path / "out" / "scores.parquet", leave)
    with store.database.reading() as connection:
        assert scored_customers(connection, run) == set(store.customers()) - {left}
    assert not {left, erased} & set(pd.read_parquet(tmp_path / "out" / "scores.parquet")["customer_id"])


def test_an_empty_store_cannot_be_scored(store: Store, model: RegisteredPredictor) -> None:
    with pytest.raises(StoreError, match="nobody can be scored; add events first"):
        score_all(store, model, 0)


def test_the_last_scores_are_read_again(tmp_path: Path) -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "stage_current": ["loyal"], "churn_prob": [0.1]})
    frame.to_parquet(tmp_path / "scores.parquet")
    assert read_scores(tmp_path / "scores.parquet").equals(frame)
    assert list(read_scores(tmp_path / "scores.parquet", ("churn",))) == ["stage_current", "churn_prob"]


def test_what_is_no_score_table_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no scores at .*; run 'nextstage score' first"):
        read_scores(tmp_path / "scores.parquet")
    (tmp_path / "text.parquet").write_text("customer_id", encoding="utf-8")
    with pytest.raises(StoreError, match="is no score table"):
        read_scores(tmp_path / "text.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(StoreError, match="no column 'stage_current'"):
        read_scores(tmp_path / "other.parquet")

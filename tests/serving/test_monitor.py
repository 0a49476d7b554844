"""From a scoring run to the verdict on its model, on synthetic events that go on after the training."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from sqlalchemy import select

from features.errors import PredictorError
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from models.classifier import BoostingOptions
from models.predictor import RegisteredPredictor
from models.scores import Scores
from nextstage import main
from serving import monitor
from serving.batch import score_all
from serving.gauges import readings
from serving.judgement import DRIFTING, FAILING, HEALTHY, WAITING
from serving.matured import read_cards
from serving.metrics import Metrics
from serving.monitor import MonitorReport, last_verdict, run_monitor
from serving.store import Store
from serving.tables import VERDICTS
from tests.data import generated_events
from tests.serving.conftest import MODEL
from training.config import PeriodConfig
from training.recipe import Recipe
from training.train import train

DAY = 86_400 * 10**6


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return generated_events(customers=420, days=260, seed=4)


@pytest.fixture(scope="module")
def cut(many: pd.DataFrame) -> int:
    return log_from_frame(many).end - 40 * DAY


@pytest.fixture(scope="module")
def champion(many: pd.DataFrame, cut: int) -> RegisteredPredictor:
    """A model that has learnt what happened until the cut."""
    log: EventLog = log_from_frame(many).until(cut)
    options = BoostingOptions(rounds=12, learning_rate=0.2, min_data_in_leaf=20, threads=1)
    recipe = Recipe(horizons=("7d", "28d"), periods=PeriodConfig(test="42d"), options=options)
    return RegisteredPredictor(train(log, load_journey("retail"), recipe).predictor, "shop", "1")


def gone(name: str, version: str) -> RegisteredPredictor:
    raise PredictorError(f"no version {version} of {name}")


def watched(store: Store, champion: RegisteredPredictor, now: int) -> MonitorReport:
    return run_monitor(store, champion, gone, now)


def test_a_run_waits_matures_once_and_is_graded_beside_its_promise(
    store: Store, many: pd.DataFrame, champion: RegisteredPredictor, cut: int
) -> None:
    store.add(many)
    assert watched(store, champion, cut).verdict == WAITING
    store.add_scores(score_all(store, champion, cut), champion, scored_at=cut)
    early = score_all(store, champion, cut - DAY)  # within what the model has learnt
    store.add_scores(early, replace(champion, version="0"), scored_at=cut)  # and of a version that is gone
    store.add_scores(early, champion, scored_at=cut)
    store.add_scores(score_all(store, champion, cut), champion, scored_at=cut + 1)
    for days, expected in ((6, []), (7, ["7d"] * 6), (7, []), (30, ["28d"] * 6), (90, [])):
        report = watched(store, champion, cut + days * DAY)
        assert [card.horizon for card in report.fresh] == expected
    assert {card.run_id for card in report.cards} == {4}
    assert report.verdict == HEALTHY, report.findings
    card = next(card for card in report.cards if card.name == "purchase_28d")
    facts = champion.predictor.facts["metrics"]["purchase_28d"]["nextstage"]
    assert {name: card.promised[name] for name in facts} == facts
    assert card.rows > 300
    assert card.metrics["auc"] > 0.6
    low, high = card.intervals["auc"]
    assert low < card.metrics["auc"] < high
    with store.database.reading() as connection:
        assert len(read_cards(connection)) == 12
        last = last_verdict(connection)
    assert last is not None
    assert (last["verdict"], last["at"], last["model"]) == (HEALTHY, report.at, {"name": "shop", "version": "1"})
    assert last["drift"] == report.to_dict()["drift"]
    assert {drift.name for drift in report.scores} >= {"churn_28d", "purchase_7d", "move_28d"}
    assert len(report.features) == len(champion.predictor.feature_set.columns)


def test_of_verdicts_the_last_ones_are_kept(
    store: Store, many: pd.DataFrame, champion: RegisteredPredictor, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "KEPT", 2)
    store.add(many[:50])
    for moment in range(4):
        watched(store, champion, cut + moment)
    with store.database.reading() as connection:
        assert connection.scalars(select(VERDICTS.c.at).order_by(VERDICTS.c.sequence)).all() == [cut + 2, cut + 3]


def shifted(scores: Scores) -> Scores:
    """Returns scores with every purchase far less probable than the model says."""
    own = next(each for each in scores.targets if each.target.kind == "purchase")
    yes = own.probabilities[:, :, 1] ** 3
    other = replace(own, probabilities=np.stack([1 - yes, yes], axis=2))
    return replace(scores, targets=tuple(other if each is own else each for each in scores.targets))


def test_shifted_scores_are_failing_and_prometheus_is_told(
    store: Store, many: pd.DataFrame, champion: RegisteredPredictor, cut: int
) -> None:
    store.add(many)
    store.add_scores(shifted(score_all(store, champion, cut)), champion, scored_at=cut)
    report = watched(store, champion, cut + 30 * DAY)
    assert report.verdict == FAILING
    sentences = [finding.sentence for finding in report.findings if finding.verdict == FAILING]
    assert any(sentence.startswith("purchase_28d of run 1: calibration error") for sentence in sentences)
    assert any(sentence.startswith("score purchase_28d") for sentence in (each.sentence for each in report.findings))
    with store.database.reading() as connection:
        told = readings(connection, (cut + 31 * DAY) / 1e6)
    text = Metrics().text({"data": 5.0}, champion_labels(champion), told).decode()
    figure = next(card.metrics["auc"] for card in report.cards if card.name == "purchase_28d")
    assert f'nextstage_matured{{figure="auc",horizon="28d",target="purchase"}} {figure}' in text
    assert 'nextstage_promised{figure="ece",horizon="7d",target="purchase"}' in text
    assert 'nextstage_verdict{verdict="failing"} 1.0' in text
    assert 'nextstage_verdict{verdict="healthy"} 0.0' in text
    assert "nextstage_verdict_age_seconds 86400.0" in text
    assert 'nextstage_score_stability{score="purchase_28d"}' in text


def champion_labels(champion: RegisteredPredictor) -> dict[str, str]:
    return {"name": champion.name, "version": champion.version}


def test_customers_who_changed_are_drifting(
    store: Store, many: pd.DataFrame, champion: RegisteredPredictor, cut: int
) -> None:
    store.add(many)
    far = cut + 200 * DAY  # nobody has done anything for months
    store.add_scores(score_all(store, champion, far), champion, scored_at=far)
    report = watched(store, champion, far)
    assert report.verdict == DRIFTING
    assert report.drift_of == far
    assert report.cards == ()
    assert max(drift.index for drift in report.scores) > 0.25


def test_the_command_ends_with_the_verdicts_code_and_tells_mlflow(
    registry: str,
    events: pd.DataFrame,
    log: EventLog,
    model: RegisteredPredictor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert registry
    monkeypatch.setenv("NEXTSTAGE_MODEL", MODEL)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["nextstage", "monitor", "--json", "--dir", str(tmp_path)])
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(events)
        for as_of, code, word in ((log.end, 0, WAITING), (log.end + 200 * DAY, 1, DRIFTING)):
            store.add_scores(score_all(store, model, as_of), model, scored_at=as_of)
            with pytest.raises(SystemExit) as ended:
                main()
            shown = capsys.readouterr()
            assert (ended.value.code or 0) == code
            told = json.loads(shown.out)
            assert told["verdict"] == word
            assert f"Version 1 of 'small' is {word}." in shown.err
    client = MlflowClient()
    metrics = client.get_run(client.get_model_version("small", "1").run_id).data.metrics
    (index,) = (drift["index"] for drift in told["drift"]["scores"] if drift["name"] == "purchase_28d")
    assert metrics["live/stability/purchase_28d"] == index

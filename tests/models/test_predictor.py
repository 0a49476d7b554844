import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import PredictorError
from features.events import EventLog
from features.labels import Labels
from features.snapshots import Snapshots
from models.predictor import Predictor
from training.train import Training


@pytest.fixture
def saved(training: Training, tmp_path: Path) -> Path:
    training.predictor.save(tmp_path / "predictor")
    return tmp_path / "predictor"


def test_a_saved_predictor_scores_the_same_bits(training: Training, saved: Path, log: EventLog) -> None:
    snapshots = Snapshots.at(log, log.end)
    again = Predictor.load(saved)
    assert again.fingerprint == training.predictor.fingerprint
    assert again.facts == training.predictor.facts
    assert again.score(log, snapshots).columns() == training.predictor.score(log, snapshots).columns()


def test_a_translated_journey_leaves_the_fingerprint_and_is_saved(training: Training, tmp_path: Path) -> None:
    labels = Labels(en="Shop", pl="Sklep")
    translated = replace(training.predictor, journey=training.predictor.journey.model_copy(update={"labels": labels}))
    assert translated.fingerprint == training.predictor.fingerprint
    translated.save(tmp_path)
    assert Predictor.load(tmp_path).journey == translated.journey != training.predictor.journey


def test_one_customer_alone_scores_the_same_bits_as_among_all(training: Training, log: EventLog) -> None:
    predictor = training.predictor
    together = predictor.score(log, Snapshots.at(log, log.end)).records()
    for customer in range(0, log.n_customers, 7):
        alone = log.select(np.array([customer]))
        assert predictor.score(alone, Snapshots.at(alone, log.end)).records() == [together[customer]]


def test_events_after_the_cutoff_change_no_score(training: Training, log: EventLog) -> None:
    cutoff = int(np.quantile(log.time, 0.6))
    earlier = log.select(np.arange(log.n_customers))
    past = log.time <= cutoff
    counts = np.add.reduceat(np.append(past, 0), log.indptr[:-1]) * (np.diff(log.indptr) > 0)
    trimmed = EventLog(
        customers=log.customers,
        indptr=np.concatenate([[0], np.cumsum(counts)]),
        time=log.time[past],
        dimensions={name: dimension.take(np.flatnonzero(past)) for name, dimension in log.dimensions.items()},
        measures={name: measure[past] for name, measure in log.measures.items()},
        end=cutoff,
    )
    whole = training.predictor.score(earlier, Snapshots.at(earlier, cutoff)).columns()
    assert training.predictor.score(trimmed, Snapshots.at(trimmed, cutoff)).columns() == whole


def test_what_is_spent_is_told_where_purchases_are_asked_for(training: Training, log: EventLog) -> None:
    snapshots = Snapshots.at(log, log.end)
    whole = training.predictor.score(log, snapshots).columns()
    assert training.predictor.only(["purchase"]).score(log, snapshots).columns()["clv_high"] == whole["clv_high"]
    assert "clv_high" not in training.predictor.only(["churn"]).score(log, snapshots).columns()


def test_the_folder_holds_json_and_model_texts_only(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == [
        "churn.txt",
        "next_stage.txt",
        "predictor.json",
        "purchase.txt",
        "reference.json",
        "spend.txt",
    ]
    assert json.loads((saved / "predictor.json").read_text(encoding="utf-8"))["format"] == 3


@pytest.mark.parametrize("part", ["calibrator", "stage", "model", "scatter", "amounts"])
def test_a_changed_file_does_not_match_the_fingerprint(saved: Path, part: str) -> None:
    path = saved / {"model": "churn.txt", "amounts": "spend.txt"}.get(part, "predictor.json")
    old, new = {
        "calibrator": ('"slope": ', '"slope": 1'),
        "stage": ('"at_least": 9', '"at_least": 8'),
        "model": ("leaf_value=", "leaf_value=1"),
        "scatter": ('"smearing": ', '"smearing": 1'),
        "amounts": ("leaf_value=", "leaf_value=1"),
    }[part]
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PredictorError, match="download or train it again"):
        Predictor.load(saved)


def test_a_predictor_of_an_earlier_release_says_to_train_again(saved: Path) -> None:
    document = saved / "predictor.json"
    told = document.read_text(encoding="utf-8").replace('"format": 3', '"format": 2').replace("rankings", "ranking")
    document.write_text(told, encoding="utf-8")
    with pytest.raises(PredictorError, match="has format 2, this nextstage reads 3; train again"):
        Predictor.load(saved)


@pytest.mark.parametrize("damage", ["missing", "empty", "binary", "no model", "format"])
def test_a_damaged_folder_is_one_sentence(saved: Path, damage: str) -> None:
    document = saved / "predictor.json"
    if damage == "missing":
        shutil.rmtree(saved)
    elif damage == "empty":
        document.write_text("", encoding="utf-8")
    elif damage == "binary":
        document.write_bytes(b"\xff\xfe\x00")
    elif damage == "no model":
        (saved / "churn.txt").write_text("tree", encoding="utf-8")
    else:
        document.write_text(
            document.read_text(encoding="utf-8").replace('"format": 3', '"format": 9'), encoding="utf-8"
        )
    with pytest.raises(PredictorError, match="train") as error:
        Predictor.load(saved)
    assert "\n" not in str(error.value)

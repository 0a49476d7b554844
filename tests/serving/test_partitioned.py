import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from features.partitions import Partitions
from features.snapshots import Snapshots
from features.sources.partitioner import Division, write_partitions
from models.predictor import RegisteredPredictor
from serving import partitioned
from serving.partitioned import RUN, score_log, score_partitions
from tests.conftest import RECIPE
from tests.data import generated_events
from training.train import train


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Partitions:
    folder = tmp_path_factory.mktemp("parts")
    generated_events().to_parquet(folder / "events.parquet")
    return write_partitions(folder / "events.parquet", folder / "parts", Division(3))


@pytest.fixture(scope="module")
def everybody() -> EventLog:
    return log_from_frame(generated_events())


@pytest.fixture(scope="module")
def model(everybody: EventLog) -> RegisteredPredictor:
    training = train(everybody, load_journey("retail"), replace(RECIPE, options=replace(RECIPE.options, rounds=10)))
    return RegisteredPredictor(training.predictor, "shop", "1")


def test_scores_have_the_bits_of_the_whole_log(
    parts: Partitions, model: RegisteredPredictor, everybody: EventLog, tmp_path: Path, cluster: str
) -> None:
    whole = model.predictor.score(everybody, Snapshots.at(everybody, everybody.end)).frame().assign(model_version="1")
    for name, dask in (("here", None), ("there", cluster)):
        assert score_partitions(parts, model, everybody.end, tmp_path / name, dask) == len(whole)
        files = sorted((tmp_path / name).glob("*.parquet"))
        assert len(files) == 3
        scored = pd.concat([pd.read_parquet(file) for file in files]).sort_values("customer_id", ignore_index=True)
        pd.testing.assert_frame_equal(scored, whole, check_exact=True)
        assert len(pd.read_parquet(tmp_path / name)) == len(whole)  # as one table, whatever else is in the folder


def test_blocks_do_not_show(model: RegisteredPredictor, everybody: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioned, "BLOCK", 7)
    whole = model.predictor.score(everybody, Snapshots.at(everybody, everybody.end)).frame()
    pd.testing.assert_frame_equal(score_log(model.predictor, everybody, everybody.end).frame(), whole, check_exact=True)


def test_what_is_finished_is_not_done_again(parts: Partitions, model: RegisteredPredictor, tmp_path: Path) -> None:
    score_partitions(parts, model, parts.end, tmp_path)
    kept, missing = tmp_path / "00000.parquet", tmp_path / "00001.parquet"
    before = kept.stat().st_mtime_ns
    missing.unlink()
    score_partitions(parts, model, parts.end, tmp_path)
    assert missing.exists()
    assert kept.stat().st_mtime_ns == before


def test_scores_of_another_run_are_not_mixed_in(parts: Partitions, model: RegisteredPredictor, tmp_path: Path) -> None:
    score_partitions(parts, model, parts.end, tmp_path)
    assert json.loads((tmp_path / RUN).read_text(encoding="utf-8"))["model_version"] == "1"
    for as_of, version in ((parts.end - 1, "1"), (parts.end, "2")):
        with pytest.raises(StoreError, match="holds scores of other data, another model or another moment"):
            score_partitions(parts, replace(model, version=version), as_of, tmp_path)


def test_a_folder_of_something_else_is_left_alone(
    parts: Partitions, model: RegisteredPredictor, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="is not empty and holds no scores of this run"):
        score_partitions(parts, model, parts.end, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_before_every_event_nobody_has_a_probability_and_the_types_stay(
    parts: Partitions, model: RegisteredPredictor, tmp_path: Path
) -> None:
    score_partitions(parts, model, parts.start - 1, tmp_path)
    scored = pd.read_parquet(tmp_path)
    assert scored["churn_prob"].dtype == "float64"
    assert scored["last_event"].isna().all()

"""From nextstage.yaml to a registered challenger and a champion, in a real MLflow on a SQLite file."""

import json
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from features.errors import ConfigError, EventLogError, PredictorError
from features.ingest import log_from_frame
from features.snapshots import Snapshots
from features.sources.files import read_log
from features.timestamps import to_iso
from models.registry import load_predictor, version_at
from tests.data import generated_events
from training.promote import promote
from training.run import Run, example_events, open_folder, run_training

CONFIG = "data: {events: events.parquet}\njourney: retail\nmodel: {rounds: 20, learning_rate: 0.1, threads: 1}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    generated_events().to_parquet(folder / "events.parquet")
    (folder / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    return run_training(open_folder(folder))


def test_the_run_holds_what_a_data_scientist_expects(run: Run) -> None:
    client = MlflowClient()
    version = client.get_model_version(run.model_name, run.version)
    logged = client.get_run(version.run_id)
    assert logged.data.params["data_hash"] == run.training.predictor.facts["data_hash"]
    assert {"journey", "horizon", "rounds", "period.test"} <= logged.data.params.keys()
    assert {"churn_28d/nextstage/auc", "churn_28d/markov/auc", "next_stage_28d/prevalence/log_loss"} <= (
        logged.data.metrics.keys()
    )
    files = {entry.path for entry in client.list_artifacts(version.run_id)}
    assert {"journey.yaml", "features.json", "calibration_churn_28d.png", "importance_churn_28d.png"} <= files


def test_the_logged_model_has_a_signature_and_an_example(run: Run) -> None:
    info = mlflow.models.get_model_info(f"models:/{run.model_name}/{run.version}")
    assert [column.name for column in info.signature.inputs] == [
        "customer_id",
        "timestamp",
        "event",
        "channel",
        "value",
    ]
    assert "churn_prob" in [column.name for column in info.signature.outputs]
    assert info.saved_input_example_info is not None


def test_the_pyfunc_scores_the_same_as_the_predictor(run: Run) -> None:
    events = generated_events(customers=10)
    frame = events.assign(timestamp=events["timestamp"].map(lambda moment: moment.isoformat()))
    model = mlflow.pyfunc.load_model(f"models:/{run.model_name}/{run.version}")
    log = log_from_frame(events)
    scored = model.predict(frame, params={"as_of": to_iso(log.end)})
    expected = run.training.predictor.score(log, Snapshots.at(log, log.end)).frame()
    pd.testing.assert_frame_equal(scored, expected, check_exact=True)


def test_artifacts_lie_beside_the_database(run: Run, folder: Path) -> None:
    assert list((folder / "mlruns").rglob("predictor.json"))
    assert run.version == "1"


def test_promoting_moves_the_alias_from_version_to_version(run: Run, folder: Path) -> None:
    name = run.model_name
    assert promote(name).previous is None
    assert version_at(name, "champion") == run.version
    second = run_training(open_folder(folder))
    assert second.training.predictor.fingerprint == run.training.predictor.fingerprint
    assert version_at(name, "champion") == run.version
    promotion = promote(name)
    assert (promotion.previous, promotion.version) == (run.version, second.version)
    assert load_predictor(f"models:/{name}@champion").version == second.version


def test_a_version_that_does_not_exist_is_not_promoted(run: Run) -> None:
    before = version_at(run.model_name, "champion")
    with pytest.raises(PredictorError, match="no model at"):
        promote(run.model_name, "99")
    with pytest.raises(PredictorError, match="has no challenger to promote"):
        promote("another")
    assert version_at(run.model_name, "champion") == before


def test_example_events_can_be_read_back(folder: Path) -> None:
    example = example_events(read_log(folder / "events.parquet"))
    assert log_from_frame(example).n_events == len(example) == 20
    assert json.loads(example.to_json(orient="records"))


def test_a_folder_without_a_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no file at .*nextstage\.yaml"):
        open_folder(tmp_path)


def test_a_missing_event_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(EventLogError, match="no file at"):
        run_training(open_folder(tmp_path))

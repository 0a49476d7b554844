"""What a training run leaves in a real MLflow on a SQLite file."""

import re
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from features.errors import ConfigError
from models.registry import load_predictor
from training.config import TrackingConfig
from training.grades import grade_results
from training.run import TrainingRun
from training.tracking import tuning_run


def test_the_run_holds_what_a_data_scientist_expects(run: TrainingRun, tmp_path: Path) -> None:
    client = MlflowClient()
    version = client.get_model_version(run.model_name, run.version)
    logged = client.get_run(version.run_id)
    assert logged.data.params["data_hash"] == run.training.predictor.facts["data_hash"]
    assert {"journey", "horizon", "rounds", "period.test"} <= logged.data.params.keys()
    assert {"churn_28d/nextstage/auc", "churn_28d/markov/auc", "next_stage_28d/prevalence/log_loss"} <= (
        logged.data.metrics.keys()
    )
    assert {"spend_28d/nextstage/mae", "spend_28d/nextstage/coverage", "spend_7d/past_rate/bias"} <= (
        logged.data.metrics.keys()
    )
    files = {entry.path for entry in client.list_artifacts(version.run_id)}
    assert {"journey.json", "features.json", "model_card.md", "calibration_churn_28d.png"} <= files
    card = client.download_artifacts(version.run_id, "model_card.md", str(tmp_path))
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", Path(card).read_text(encoding="utf-8"))
    assert len(shown) == 3
    assert set(shown) <= files


def test_each_target_has_a_run_of_its_own_within(run: TrainingRun) -> None:
    client = MlflowClient()
    outer = client.get_run(client.get_model_version(run.model_name, run.version).run_id)
    runs = client.search_runs([outer.info.experiment_id], f"tags.mlflow.parentRunId = '{outer.info.run_id}'")
    assert {each.info.run_name for each in runs} == {"next_stage", "churn", "purchase"}
    churn = next(each for each in runs if each.info.run_name == "churn")
    assert churn.data.metrics["28d/markov/auc"] == outer.data.metrics["churn_28d/markov/auc"]
    assert churn.data.params["calibrator"] == run.training.predictor.facts["calibrators"]["churn"]["chosen"]
    files = {entry.path for entry in client.list_artifacts(churn.info.run_id)}
    plots = {f"calibration_churn_{horizon}.png" for horizon in run.training.recipe.horizons}
    assert {"calibrators.csv", "importance_churn.png"} | plots == files
    table = pd.read_csv(client.download_artifacts(churn.info.run_id, "calibrators.csv"))
    assert table.groupby("model")["chosen"].sum().to_dict() == {"measured": 1, "registered": 1}
    assert table.loc[table["model"] == "registered", "log_loss"].tolist() == pytest.approx(
        [trial["log_loss"] for trial in run.training.predictor.facts["calibrators"]["churn"]["trials"]]
    )


def test_the_version_carries_its_card_and_its_grades(run: TrainingRun) -> None:
    client = MlflowClient()
    version = client.get_model_version(run.model_name, run.version)
    assert version.description.startswith("# Model card: journey 'retail'")
    assert len(version.description) <= 5_000
    facts = load_predictor(f"models:/{run.model_name}/{run.version}").predictor.facts
    assert facts["grades"] == grade_results(run.training.results)
    assert facts["grades"]["churn_28d"]["grade"] in {"A", "B", "C"}
    assert facts["grades"].keys() == {result.name for result in run.training.results}


def test_a_run_that_mlflow_opened_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    client = MlflowClient()
    experiment = client.create_experiment("by hand", artifact_location=(tmp_path / "artifacts").as_uri())
    opened = client.create_run(experiment).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", opened)
    with tuning_run(TrackingConfig(), {"data_hash": "d", "until": "u"}):
        assert mlflow.active_run().info.run_id == opened
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    with (
        pytest.raises(ConfigError, match=r"leave 'tracking\.uri' out of nextstage\.yaml"),
        tuning_run(TrackingConfig(), {"data_hash": "d", "until": "u"}),
    ):
        pass


def test_an_experiment_of_the_environment_counts_where_the_file_names_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = MlflowClient().create_experiment("theirs", artifact_location=(tmp_path / "artifacts").as_uri())
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", experiment)
    for tracking, expected in ((TrackingConfig(), "theirs"), (TrackingConfig(experiment="mine"), "mine")):
        with tuning_run(tracking, {"data_hash": "d", "until": "u"}):
            where = MlflowClient().get_experiment(mlflow.active_run().info.experiment_id)
            assert where.name == expected


def test_the_logged_model_has_a_signature_and_an_example(run: TrainingRun) -> None:
    info = mlflow.models.get_model_info(f"models:/{run.model_name}/{run.version}")
    required = [column.name for column in info.signature.inputs if column.required]
    assert required == ["customer_id", "timestamp", "event"]
    assert "churn_prob" in [column.name for column in info.signature.outputs]
    assert info.saved_input_example_info is not None


def test_artifacts_lie_beside_the_database(run: TrainingRun, folder: Path) -> None:
    assert list((folder / "mlruns").rglob("predictor.json"))
    assert run.training.predictor.fingerprint

"""What a training run leaves in a real MLflow on a SQLite file."""

from pathlib import Path

import mlflow
from mlflow import MlflowClient

from training.run import Run


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
    assert {"journey.json", "features.json", "calibration_churn_28d.png", "importance_churn_28d.png"} <= files


def test_the_logged_model_has_a_signature_and_an_example(run: Run) -> None:
    info = mlflow.models.get_model_info(f"models:/{run.model_name}/{run.version}")
    required = [column.name for column in info.signature.inputs if column.required]
    assert required == ["customer_id", "timestamp", "event"]
    assert "churn_prob" in [column.name for column in info.signature.outputs]
    assert info.saved_input_example_info is not None


def test_artifacts_lie_beside_the_database(run: Run, folder: Path) -> None:
    assert list((folder / "mlruns").rglob("predictor.json"))
    assert run.training.predictor.fingerprint

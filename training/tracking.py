"""A training run in MLflow: everything another data scientist needs to judge and repeat it."""

from pathlib import Path

import mlflow
import pandas as pd

from models.registry import CHALLENGER, log_predictor, set_alias
from training.config import TrackingConfig
from training.plots import calibration_figure, importance_figure
from training.train import Training

SQLITE = "sqlite:///"


def log_training(training: Training, tracking: TrackingConfig, example: pd.DataFrame) -> str:
    """Logs a training run, registers its predictor as the challenger and returns the new version.

    Parameters
    ----------
    example
        A few events, kept as the model's input example.
    """
    mlflow.set_experiment(experiment_id=_experiment(tracking))
    predictor = training.predictor
    with mlflow.start_run():
        mlflow.log_params(_parameters(training))
        mlflow.log_metrics(
            {
                f"{result.target.name}/{model}/{metric}": value
                for result in training.results
                for model, metrics in result.metrics.items()
                for metric, value in metrics.items()
            }
        )
        mlflow.set_tags({"data_hash": predictor.facts["data_hash"], "fingerprint": predictor.fingerprint})
        mlflow.log_dict(predictor.journey.to_dict(), "journey.json")
        mlflow.log_dict(predictor.feature_set.to_dict(), "features.json")
        for result, model in zip(training.results, predictor.models, strict=True):
            mlflow.log_figure(calibration_figure(result), f"calibration_{result.target.name}.png")
            mlflow.log_figure(importance_figure(model), f"importance_{result.target.name}.png")
        version = log_predictor(predictor, tracking.model_name, example)
    set_alias(tracking.model_name, CHALLENGER, version)
    return version


def _parameters(training: Training) -> dict[str, object]:
    facts = training.predictor.facts
    return {
        "journey": training.predictor.journey.name,
        "horizon": training.recipe.horizon,
        "features": len(training.predictor.feature_set.columns),
        "customers": facts["customers"],
        "events": facts["events"],
        "data_hash": facts["data_hash"],
        **{f"period.{name}": span for name, span in facts["periods"].items()},
        **facts["options"],
    }


def _experiment(tracking: TrackingConfig) -> str:
    """Returns the experiment's id; one in a SQLite file keeps its artifacts beside that file."""
    found = mlflow.get_experiment_by_name(tracking.experiment)
    if found is not None:
        return str(found.experiment_id)
    uri = mlflow.get_tracking_uri()
    beside = (Path(uri.removeprefix(SQLITE)).resolve().parent / "mlruns").as_uri() if uri.startswith(SQLITE) else None
    return str(mlflow.create_experiment(tracking.experiment, artifact_location=beside))

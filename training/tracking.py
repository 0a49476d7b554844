"""Training and tuning in MLflow: everything another data scientist needs to judge and repeat them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.environment_variables import MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME, MLFLOW_RUN_ID
from mlflow.exceptions import MlflowException

from features.errors import ConfigError
from models.registry import CHALLENGER, describe_version, log_predictor, set_alias
from models.target_model import MODEL, TargetModel
from training.backtest import Backtest
from training.card import model_card, shortened
from training.config import TrackingConfig
from training.plots import calibration_figure, calibration_file, importance_figure
from training.rehearsal import Attempt
from training.result import Result
from training.scorecard import Scorecard, describe_backtest
from training.train import Training

SQLITE = "sqlite:///"
CARD = "model_card.md"
MOST_DESCRIBED = 5_000
"""The registry keeps so many characters of a version's description."""


def log_training(training: Training, tracking: TrackingConfig, example: pd.DataFrame) -> str:
    """Logs a training run, registers its predictor as the challenger and returns the new version.

    Within the run lies one for each target; the plots of the main horizon and the model card stand in the outer one.

    Parameters
    ----------
    example
        A few events, kept as the model's input example.
    """
    predictor, card = training.predictor, model_card(training)
    with _run(tracking), tempfile.TemporaryDirectory() as folder:
        mlflow.log_params(_parameters(training))
        mlflow.log_metrics(
            {
                f"{name}/{model}/{metric}": value
                for name, by_model in (predictor.facts["metrics"] | predictor.facts["spend_metrics"]).items()
                for model, metrics in by_model.items()
                for metric, value in metrics.items()
            }
        )
        mlflow.set_tags({"data_hash": predictor.facts["data_hash"], "fingerprint": predictor.fingerprint})
        mlflow.log_dict(predictor.journey.to_dict(), "journey.json")
        mlflow.log_dict(predictor.feature_set.to_dict(), "features.json")
        mlflow.log_text(card, CARD)
        for model in (each for each in predictor.models if each.basis == MODEL):
            _log_target(training, model, Path(folder) / model.target.kind)
            main = calibration_file(f"{model.target.kind}_{training.recipe.horizon}")
            mlflow.log_artifact(str(Path(folder) / model.target.kind / main))
        version = log_predictor(predictor, tracking.model_name, example)
    describe_version(tracking.model_name, version, shortened(card, MOST_DESCRIBED, f"the run's {CARD}"))
    set_alias(tracking.model_name, CHALLENGER, version)
    return version


@contextmanager
def tuning_run(tracking: TrackingConfig, facts: dict[str, Any]) -> Iterator[Callable[[Attempt], None]]:
    """Opens the run of a search and yields what logs each of its trials as a run within.

    Parameters
    ----------
    facts
        What the search rests on, as plain data.
    """
    with _run(tracking, "tune"):
        mlflow.log_dict(facts, "rehearsal.json")
        mlflow.set_tags({"data_hash": facts["data_hash"], "until": facts["until"]})
        yield _log_attempt


def _log_attempt(attempt: Attempt) -> None:
    with _run_within(f"trial {attempt.number}"):
        mlflow.log_params(asdict(attempt.options))
        losses = {f"{name}/log_loss": loss for name, loss in attempt.losses.items()}
        mlflow.log_metrics({**losses, "relative_log_loss": attempt.relative})
        mlflow.set_tag("pruned", str(attempt.is_pruned).lower())


def _log_target(training: Training, model: TargetModel, folder: Path) -> None:
    """Logs the run of one target: parameters, metrics by horizon and baseline, plots, and the choice of calibrator."""
    kind, results = model.target.kind, [result for result in training.results if result.target == model.target]
    folder.mkdir()
    for result in results:
        calibration_figure(result).savefig(folder / calibration_file(result.name))
    importance_figure(model).savefig(folder / f"importance_{kind}.png")
    _calibrators(training, kind).to_csv(folder / "calibrators.csv", index=False)
    with _run_within(kind):
        mlflow.log_params(
            {
                "target": kind,
                "horizons": ", ".join(model.target.horizons),
                "classes": ", ".join(model.classes),
                "calibrator": model.boosted.calibrator.kind,
                **training.predictor.facts["recipe"]["options"],
            }
        )
        mlflow.log_metrics({f"{result.horizon}/{key}": value for result in results for key, value in _flat(result)})
        mlflow.log_artifacts(str(folder))


def _flat(result: Result) -> list[tuple[str, float]]:
    """Returns every figure of a result by names such as ``markov/auc``."""
    return [(f"{name}/{metric}", value) for name, all_of in result.metrics.items() for metric, value in all_of.items()]


def _calibrators(training: Training, kind: str) -> pd.DataFrame:
    """Returns what each kind of calibrator lost, for the model that was measured and for the registered one."""
    lines = []
    for model, predictor in (("measured", training.measured), ("registered", training.predictor)):
        choice = predictor.facts["calibrators"][kind]
        lines += [{"model": model, "chosen": trial["kind"] == choice["chosen"], **trial} for trial in choice["trials"]]
    return pd.DataFrame(lines)


def log_backtest(backtest: Backtest, cards: Sequence[Scorecard], tracking: TrackingConfig) -> None:
    """Logs a backtest as a run of its own: the figures of all folds, grades as tags, and everything as JSON."""
    with _run(tracking, "backtest"):
        mlflow.log_params({"folds": len(backtest.folds), **backtest.recipe.to_dict()["options"]})
        mlflow.set_tags({"kind": "backtest", **{f"grade.{card.name}": card.grade.letter for card in cards}})
        mlflow.log_metrics(
            {
                f"{card.name}/{model}/{metric}": value
                for card in cards
                for model, metrics in card.metrics.items()
                for metric, value in metrics.items()
            }
        )
        mlflow.log_metrics(
            {
                f"{pooled.name}/{model}/{metric}": value
                for pooled in backtest.spend
                for model, metrics in pooled.metrics.items()
                for metric, value in metrics.items()
            }
        )
        mlflow.log_dict(describe_backtest(backtest, cards), "backtest.json")


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
        "horizons": ", ".join(training.recipe.horizons),
        **facts["recipe"]["options"],
    }


def _run(tracking: TrackingConfig, name: str | None = None) -> mlflow.ActiveRun:
    """Returns a new run, or the one that ``mlflow run`` has opened.

    Raises
    ------
    ConfigError
        If that one is not on the tracking server.
    """
    opened = MLFLOW_RUN_ID.get()
    named = MLFLOW_EXPERIMENT_ID.is_set() or MLFLOW_EXPERIMENT_NAME.is_set()
    if opened is None and not (named and "experiment" not in tracking.model_fields_set):
        return mlflow.start_run(run_name=name, experiment_id=_experiment(tracking))
    try:
        return mlflow.start_run(run_name=name)
    except MlflowException as problem:
        reason = str(problem).splitlines()[0]
        raise ConfigError(
            f"run {opened} of MLFLOW_RUN_ID cannot be used at {mlflow.get_tracking_uri()}: {reason}; "
            "leave 'tracking.uri' out of nextstage.yaml, or give 'mlflow run' the same server by MLFLOW_TRACKING_URI"
        ) from None


def _run_within(name: str) -> mlflow.ActiveRun:
    """Returns a new run within the active one, in its experiment."""
    return mlflow.start_run(run_name=name, experiment_id=mlflow.active_run().info.experiment_id, nested=True)


def _experiment(tracking: TrackingConfig) -> str:
    """Returns the experiment's id; one in a SQLite file keeps its artifacts beside that file."""
    found = mlflow.get_experiment_by_name(tracking.experiment)
    if found is not None:
        return str(found.experiment_id)
    uri = mlflow.get_tracking_uri()
    beside = (Path(uri.removeprefix(SQLITE)).resolve().parent / "mlruns").as_uri() if uri.startswith(SQLITE) else None
    return str(mlflow.create_experiment(tracking.experiment, artifact_location=beside))

"""Predictors in the MLflow model registry: versions, and the aliases champion and challenger."""

import json
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

from features.errors import PredictorError
from features.ingest import log_from_frame
from features.snapshots import Snapshots
from models.predictor import DOCUMENT, Predictor, RegisteredPredictor

CHAMPION = "champion"
CHALLENGER = "challenger"
REPLACED = "replaced"
"""The tag of a version that names the champions before it, the latest first."""
MOST_REPLACED = 50
MOST_METRICS = 1_000  # a tracking server takes no more at once
ARTIFACT = "predictor"  # also the name that pyfunc.py looks for
ROOT = Path(__file__).parent
REQUIREMENTS = ("numpy", "numba", "pandas", "lightgbm", "scipy", "scikit-learn", "pydantic", "pyyaml", "mlflow")


def connect(folder: Path, uri: str | None = None) -> None:
    """Chooses the tracking server: ``uri`` if given, else MLflow's environment variables, else a folder's mlflow.db."""
    if uri is not None or not mlflow.is_tracking_uri_set():
        mlflow.set_tracking_uri(uri or f"sqlite:///{folder.resolve() / 'mlflow.db'}")


def log_predictor(predictor: Predictor, name: str, example: pd.DataFrame) -> str:
    """Logs a predictor to the active run, registers it as a new version and returns that version.

    Parameters
    ----------
    example
        A few events as a frame, kept with the model as its input example.
    """
    with tempfile.TemporaryDirectory() as folder:
        predictor.save(Path(folder) / ARTIFACT)
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(ROOT / "pyfunc.py"),
            code_paths=[str(ROOT.parent / "features"), str(ROOT)],
            artifacts={ARTIFACT: str(Path(folder) / ARTIFACT)},
            registered_model_name=name,
            signature=_signature(predictor, example),
            input_example=example,
            pip_requirements=[f"{package}=={installed(package)}" for package in REQUIREMENTS],
        )
    return str(logged.registered_model_version)


def set_alias(name: str, alias: str, version: str) -> None:
    """Points an alias at a version; one call to the registry, so there is never a moment without it."""
    MlflowClient().set_registered_model_alias(name, alias, version)


def describe_version(name: str, version: str, text: str) -> None:
    """Sets the description of a version, shown beside it in the registry."""
    MlflowClient().update_model_version(name, version, text)


def log_document(name: str, version: str, document: Mapping[str, Any], file: str) -> None:
    """Writes plain data as a file of the run that made a version; one registered without a run keeps none."""
    client = MlflowClient()
    run = client.get_model_version(name, version).run_id
    if run:
        client.log_dict(run, dict(document), file)


def log_figures(name: str, version: str, figures: Mapping[str, float], at: int, step: int) -> None:
    """Logs how a version does in use as metrics of the run that made it.

    Parameters
    ----------
    at
        UTC microseconds.
    """
    client = MlflowClient()
    run = client.get_model_version(name, version).run_id
    metrics = [Metric(key, value, at // 1_000, step) for key, value in figures.items()]
    for first in range(0, len(metrics), MOST_METRICS):
        client.log_batch(run, metrics[first : first + MOST_METRICS])


def set_champion(name: str, version: str, notes: Mapping[str, str]) -> None:
    """Makes a version the champion and notes on it which ones it replaced, and when.

    The tags are written first and the alias moves last, in one call: whoever is stopped in between leaves the old
    champion in its place, with its own tags as they were.

    Parameters
    ----------
    notes
        More tags for the version, such as how it did against the one before.
    """
    before = version_at(name, CHAMPION)
    if before != version:
        history = [] if before is None else [before, *replaced_by(name, before)]
        _tag(name, version, REPLACED, ", ".join(history[:MOST_REPLACED]))
    _tag(name, version, "promoted_at", _this_moment())
    for key, value in notes.items():
        _tag(name, version, key, value)
    set_alias(name, CHAMPION, version)


def restore_champion(name: str, version: str) -> None:
    """Makes one that the champion replaced the champion again; those before it stay for the next time.

    Done twice, or stopped in between and done again, it comes to the same.
    """
    left = version_at(name, CHAMPION)
    if left is not None and left != version:
        history = replaced_by(name, left)
        _tag(name, version, REPLACED, ", ".join(history[history.index(version) + 1 :]))
        _tag(name, left, "rolled_back_at", _this_moment())
    set_alias(name, CHAMPION, version)


def replaced_by(name: str, version: str) -> list[str]:
    """Returns the champions before a version, the latest first, as they were noted when it became champion."""
    noted = str(MlflowClient().get_model_version(name, version).tags.get(REPLACED, ""))
    return [before for before in noted.split(", ") if before]


def version_at(name: str, alias: str) -> str | None:
    """Returns the version an alias points at, or None."""
    try:
        return str(MlflowClient().get_model_version_by_alias(name, alias).version)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise _unusable(error) from None


def versions(name: str) -> list[str]:
    """Returns every version of a model, oldest first; none for a name the registry does not know."""
    try:
        found = MlflowClient().search_model_versions(f"name = '{name}'")
    except MlflowException as error:
        raise _unusable(error) from None
    return sorted((str(entry.version) for entry in found), key=int)


def read_document(name: str, version: str) -> dict[str, Any]:
    """Returns the document of a registered predictor, without its trees: what it is and where it comes from.

    Raises
    ------
    PredictorError
        If there is none.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            address = f"models:/{name}/{version}/artifacts/{ARTIFACT}/{DOCUMENT}"
            path = mlflow.artifacts.download_artifacts(address, dst_path=folder)
            document: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
            return document
    except (MlflowException, OSError, ValueError) as error:
        raise PredictorError(
            f"version {version} of '{name}' cannot be read: {str(error).splitlines()[0]}; train again"
        ) from None


def described_by(name: str, version: str) -> str | None:
    """Returns the description of a version: its model card, as the registry keeps it."""
    try:
        return str(MlflowClient().get_model_version(name, version).description or "") or None
    except MlflowException as error:
        raise _unusable(error) from None


def web_page(name: str, version: str) -> str | None:
    """Returns where the tracking server shows a version; None where the registry is a file."""
    address = str(mlflow.get_tracking_uri()).rstrip("/")
    return f"{address}/#/models/{name}/versions/{version}" if address.startswith(("http://", "https://")) else None


def load_predictor(uri: str) -> RegisteredPredictor:
    """Returns the predictor at a registry address such as ``models:/nextstage@champion``.

    Raises
    ------
    PredictorError
        If there is none, or it is damaged.
    """
    name, alias, version = _parse(uri)
    found = version_at(name, alias) if alias else version
    if found is None or found not in versions(name):
        raise PredictorError(
            f"no model at {uri} in {mlflow.get_tracking_uri()}; run 'nextstage train' and 'nextstage promote' first"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(f"models:/{name}/{found}", dst_path=folder)
        return RegisteredPredictor(Predictor.load(Path(path) / "artifacts" / ARTIFACT), name, found)


def version_of(name: str, version: str) -> RegisteredPredictor:
    """Returns the predictor of a version; raises as ``load_predictor`` does."""
    return load_predictor(f"models:/{name}/{version}")


def version_named(uri: str) -> str | None:
    """Returns the version that a registry address points at now; None if its alias is not there."""
    name, alias, version = _parse(uri)
    return version_at(name, alias) if alias else version


def _tag(name: str, version: str, key: str, value: str) -> None:
    MlflowClient().set_model_version_tag(name, version, key, value)


def _this_moment() -> str:
    """Returns the clock as text: the registry stamps its entries itself, as MLflow does with its own."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _unusable(error: MlflowException) -> PredictorError:
    reason = str(error).splitlines()[0]
    return PredictorError(f"the registry at {mlflow.get_tracking_uri()} cannot be used: {reason}; check its address")


def _parse(uri: str) -> tuple[str, str | None, str | None]:
    """Returns name, alias and version; one of the last two is None."""
    match = re.fullmatch(r"models:/([\w.-]+)(?:@([\w-]+)|/(\d+))", uri)
    if match is None:
        raise PredictorError(f"{uri!r} is no registry address; write models:/NAME@ALIAS or models:/NAME/VERSION")
    return match[1], match[2], match[3]


def _signature(predictor: Predictor, example: pd.DataFrame) -> ModelSignature:
    log = log_from_frame(example)
    scored = predictor.score(log, Snapshots.at(log, log.end)).frame()
    named = {"float64": "double", "Int64": "long"}
    kinds = {column: named.get(str(kind), "string") for column, kind in scored.dtypes.items()}
    outputs = Schema([ColSpec(kind, column) for column, kind in kinds.items()])
    optional = {"channel": "string", "value": "double", "event_id": "string", "known_at": "string"}
    optional |= {name: "string" if is_text else "double" for name, is_text in predictor.attributes.items()}
    inputs = Schema(
        [ColSpec("string", column) for column in ("customer_id", "timestamp", "event")]
        + [ColSpec(kind, column, required=False) for column, kind in optional.items()]
    )
    return ModelSignature(inputs=inputs, outputs=outputs, params=ParamSchema([ParamSpec("as_of", "string", "")]))

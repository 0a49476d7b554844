"""A small real model in a real registry, a filled store, and the service as a process of its own. Data is synthetic."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import mlflow
import numpy as np
import pandas as pd
import pytest

from features.events import EventLog
from features.featureset import FeatureSet
from features.ingest import log_from_frame
from features.journey import load_journey
from features.snapshots import Snapshots, regular_cutoffs
from features.targets import NO_LABEL, Churn, NextStage, Purchase, Target
from models.calibration import Calibrator
from models.classifier import BoostedClassifier, BoostingOptions
from models.predictor import Predictor, RegisteredPredictor, TargetModel
from models.registry import CHAMPION, load_predictor, log_predictor, set_alias
from serving.launch import start, stop
from serving.settings import Settings
from serving.store import Store
from tests.data import generated_events

MODEL = "models:/small@champion"
DAY = 86_400 * 10**6


@pytest.fixture(scope="session")
def events() -> pd.DataFrame:
    """Events with ids, some of which became known late, and equal times."""
    frame = generated_events(customers=120, days=200)
    rng = np.random.default_rng(3)
    late = rng.random(len(frame)) < 0.1
    known = frame["timestamp"] + pd.to_timedelta(rng.integers(1, 72, len(frame)), unit="h")
    frame["timestamp"] = frame["timestamp"].dt.floor("h")
    return frame.assign(event_id=[f"e{row}" for row in range(len(frame))], known_at=known.where(late))


@pytest.fixture(scope="session")
def attributes(events: pd.DataFrame) -> pd.DataFrame:
    """A text and a number, each missing for some, and nothing at all about every third customer."""
    ids = [name for place, name in enumerate(sorted(events["customer_id"].unique())) if place % 3]
    tiers = [None if place % 5 == 0 else ("gold", "basic")[place % 2] for place in range(len(ids))]
    visits = [np.nan if place % 7 == 0 else place / 3 for place in range(len(ids))]
    return pd.DataFrame({"customer_id": ids, "tier": tiers, "visits": visits})


@pytest.fixture(scope="session")
def log(events: pd.DataFrame, attributes: pd.DataFrame) -> EventLog:
    return log_from_frame(events, attributes=attributes)


@pytest.fixture(scope="session")
def cutoff(log: EventLog) -> int:
    return log.end - 20 * DAY


@pytest.fixture(scope="session")
def predictor(log: EventLog) -> Predictor:
    journey = load_journey("retail")
    features = FeatureSet.default(log, journey)
    snapshots = Snapshots.grid(log, regular_cutoffs(log.start + 60 * DAY, log.end - 28 * DAY, 7 * DAY))
    X = features.compute(log, journey, snapshots)
    options = BoostingOptions(rounds=8, learning_rate=0.2, min_data_in_leaf=10, threads=1)

    def fit(target: Target) -> TargetModel:
        labels = target.labels(log, journey, snapshots)
        asked = labels != NO_LABEL
        classes = target.classes(journey)
        classifier = BoostedClassifier(len(classes), options)
        classifier.fit(X[asked], labels[asked], features.columns)
        calibrator = Calibrator.fit(classifier.predict_proba(X[asked]), labels[asked])
        return TargetModel(target, classes, classifier, calibrator)

    return Predictor(journey, features, tuple(fit(target) for target in (NextStage(), Churn(), Purchase())), {})


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory, predictor: Predictor, events: pd.DataFrame) -> Iterator[str]:
    """The address of an MLflow registry whose champion is the predictor; it is the registry of this process."""
    folder = tmp_path_factory.mktemp("registry")
    address = f"sqlite:///{folder}/mlflow.db"
    before = os.environ.get("MLFLOW_TRACKING_URI")
    mlflow.set_tracking_uri(address)
    experiment = mlflow.create_experiment("tests", artifact_location=(folder / "artifacts").as_uri())
    example = events.head(20).astype({"timestamp": "str"})[["customer_id", "timestamp", "event", "channel", "value"]]
    with mlflow.start_run(experiment_id=experiment):
        set_alias("small", CHAMPION, log_predictor(predictor, "small", example))
    yield address
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="session")
def model(registry: str) -> RegisteredPredictor:
    del registry
    return load_predictor(MODEL)


@pytest.fixture(scope="session")
def filled(
    tmp_path_factory: pytest.TempPathFactory, events: pd.DataFrame, attributes: pd.DataFrame
) -> Iterator[tuple[str, Store]]:
    """A store that holds every event, and its address; tests only read it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/nextstage.db"
    with Store(url) as store:
        store.add(events)
        store.set_attributes(attributes)
        yield url, store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as empty:
        yield empty


@pytest.fixture(scope="session")
def service(registry: str, filled: tuple[str, Store]) -> Iterator[httpx.Client]:
    """A client of the served process."""
    del registry
    port = free_port()
    child = start(Settings(database_url=filled[0], model=MODEL), "127.0.0.1", port)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            wait_until_ready(client, child)
            yield client
    finally:
        stop(child)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(client: httpx.Client, child: subprocess.Popen[Any]) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        assert child.poll() is None, "the service ended before it was ready"
        try:
            if client.get("/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the service was not ready within a minute")

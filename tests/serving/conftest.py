"""A small real model in a real registry, a filled store, and the service as a process of its own. Data is synthetic."""

import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import mlflow
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import create_engine

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from models.classifier import BoostingOptions
from models.predictor import Predictor, RegisteredPredictor
from models.registry import CHAMPION, describe_version, load_predictor, log_predictor, set_alias
from serving.keys import SCOPES, create_key
from serving.launch import start, stop
from serving.settings import Settings
from serving.store import Store
from tests.data import generated_events
from tests.serving.scored import ScoredStore, scored_store
from training.config import PeriodConfig
from training.recipe import Recipe
from training.train import train

POSTGRES = "NEXTSTAGE_TEST_POSTGRES"
MODEL = "models:/small@champion"
CARD = "# Model card\n\n| target | 28d |\n|--------|----:|\n| churn  |   A |\n\n- `valid_from` is missing\n"
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
    options = BoostingOptions(rounds=8, learning_rate=0.2, min_data_in_leaf=10, threads=1)
    return train(
        log, load_journey("retail"), Recipe(horizons=("7d", "28d"), periods=PeriodConfig(test="42d"), options=options)
    ).predictor


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
        version = log_predictor(predictor, "small", example)
        describe_version("small", version, CARD)
        set_alias("small", CHAMPION, version)
    yield address
    mlflow.set_tracking_uri(before)


@pytest.fixture(autouse=True)
def own_registry(request: pytest.FixtureRequest) -> None:
    """Goes back to the registry of these tests: those of another folder may have left theirs in this process."""
    if "registry" in request.fixturenames:
        mlflow.set_tracking_uri(request.getfixturevalue("registry"))


@pytest.fixture(scope="session")
def model(registry: str) -> RegisteredPredictor:
    mlflow.set_tracking_uri(registry)  # made before own_registry runs, and tests of another folder may have moved it
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


@pytest.fixture(scope="session")
def scored(
    tmp_path_factory: pytest.TempPathFactory, model: RegisteredPredictor, events: pd.DataFrame, cutoff: int
) -> Iterator[ScoredStore]:
    """A store with a scoring run; tests only read it, but for segments of their own."""
    made = scored_store(tmp_path_factory.mktemp("scored"), model, events, cutoff)
    yield made
    made.store.close()


@pytest.fixture
def own_scored(tmp_path: Path, model: RegisteredPredictor, events: pd.DataFrame, cutoff: int) -> Iterator[ScoredStore]:
    """The same for one test alone, which may change it."""
    made = scored_store(tmp_path, model, events, cutoff)
    yield made
    made.store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/nextstage.db"
        return
    server = os.environ.get(POSTGRES)
    if server is None:
        pytest.skip(f"{POSTGRES} names no PostgreSQL server; .ci/run starts one")
    schema = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        yield f"{server}?options=-csearch_path%3D{schema}"
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store(database_url) as empty:
        yield empty


@pytest.fixture(scope="session")
def service(registry: str, filled: tuple[str, Store]) -> Iterator[httpx.Client]:
    """A client of the served process, which has no keys."""
    mlflow.set_tracking_uri(registry)  # of this process and its children
    with served(Settings(database_url=filled[0], model=MODEL)) as client:
        yield client


@dataclass(frozen=True)
class Keyed:
    """A served process with keys, whose store tests may write to, and which is all that is in its folder."""

    client: httpx.Client
    store: Store
    keys: dict[str, str]
    folder: Path

    def as_(self, scope: str) -> dict[str, str]:
        """Returns the headers of a request with the key of a scope."""
        return {"Authorization": f"Bearer {self.keys[scope]}"}


@pytest.fixture(scope="session")
def keyed(registry: str, tmp_path_factory: pytest.TempPathFactory, events: pd.DataFrame) -> Iterator[Keyed]:
    mlflow.set_tracking_uri(registry)  # of this process and its children
    folder = tmp_path_factory.mktemp("keyed")
    url = f"sqlite:///{folder}/nextstage.db"
    with Store(url) as store:
        store.add(events)
        keys = {scope: create_key(store.database, scope, [scope], 5, "tests") for scope in SCOPES}
        with served(Settings(database_url=url, model=MODEL)) as client:
            yield Keyed(client, store, keys, folder)


@contextmanager
def served(settings: Settings, log: Any = None) -> Iterator[httpx.Client]:
    """Yields a client of a process that serves, and ends the process."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", home)
        child = start(settings, "127.0.0.1", port, log)
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

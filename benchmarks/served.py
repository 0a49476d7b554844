"""A whole service for benchmarks: a small model in a registry of its own, a store, keys, and the process that serves.

The data is generated, and the model learns from it as any other would; it is small, for nothing here depends on it.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from serving.launch import start, stop
from serving.settings import Settings

NAME = "small"
ALL_SCOPES = ("ingest", "score", "admin")
EXAMPLES = {"352": "c0001", "13": "c0002"}
"""The customers of the examples in the OpenAPI document, who did what these did."""


@dataclass(frozen=True)
class Served:
    """A service that answers.

    Parameters
    ----------
    key
        Opens every route; empty where there is none.
    log
        The file that its output goes to.
    """

    port: int
    key: str
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def prepared(folder: Path, customers: int = 120, versions: int = 1) -> Settings:
    """Fills a store, trains and registers so many versions, the first of them champion; returns how it is served."""
    import mlflow

    from features.ingest import log_from_frame
    from features.journey import load_journey
    from models.classifier import BoostingOptions
    from models.registry import CHAMPION, connect, log_predictor, set_alias
    from serving.store import Store
    from tests.data import generated_events
    from training.config import PeriodConfig
    from training.recipe import Recipe
    from training.run import example_events
    from training.train import train

    events = generated_events(customers, days=200)
    events["event_id"] = [f"generated-{row}" for row in range(len(events))]
    url = f"sqlite:///{folder}/nextstage.db"
    with Store(url) as store:
        store.add(events)
        for name, other in EXAMPLES.items():
            theirs = events[events["customer_id"] == other]
            store.add(theirs.assign(customer_id=name, event_id=[f"{name}-{row}" for row in range(len(theirs))]))
    log = log_from_frame(events)
    options = BoostingOptions(rounds=8, learning_rate=0.2, min_data_in_leaf=10, threads=1)
    recipe = Recipe(horizons=("7d", "28d"), periods=PeriodConfig(test="42d"), options=options)
    predictor = train(log, load_journey("retail"), recipe).predictor
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"  # the service asks the same registry
    connect(folder)
    experiment = mlflow.create_experiment("benchmark", artifact_location=(folder / "mlruns").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        registered = [log_predictor(predictor, NAME, example_events(log)) for _ in range(versions)]
    set_alias(NAME, CHAMPION, registered[0])
    return Settings(url, f"models:/{NAME}@{CHAMPION}", rate=1e6)


def make_key(settings: Settings) -> str:
    """Returns a new key that opens every route."""
    from serving.keys import create_key
    from serving.store import Store

    with Store(settings.database_url) as store:
        return create_key(store.database, "benchmark", ALL_SCOPES, time.time_ns() // 1000, "benchmark")


@contextmanager
def served(settings: Settings, folder: Path, key: str = "") -> Iterator[Served]:
    """Yields the service, once it is ready, and ends it."""
    port, log = free_port(), folder / "service.log"
    os.environ["BENTOML_HOME"] = str(folder / "bentoml")
    with log.open("ab") as output:
        process = start(settings, "127.0.0.1", port, output)
        try:
            wait_until_ready(process, port)
            yield Served(port, key, log)
        finally:
            stop(process)


def wait_until_ready(process: "subprocess.Popen[bytes]", port: int, patience: float = 120.0) -> float:
    """Waits for a service to answer and returns the seconds that took.

    Raises
    ------
    RuntimeError
        If it ends, or does not answer in time.
    """
    started = time.monotonic()
    while time.monotonic() < started + patience:
        if process.poll() is not None:
            raise RuntimeError("the service ended before it was ready")
        if is_ready(port):
            return time.monotonic() - started
        time.sleep(0.05)
    raise RuntimeError(f"the service was not ready within {patience:.0f} s")


def is_ready(port: int) -> bool:
    """Says whether the service answers that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """Returns a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

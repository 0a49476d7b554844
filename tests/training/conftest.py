from pathlib import Path

import mlflow
import pytest

from tests.data import generated_events
from training.run import Run, open_folder, run_training

NOW = 2_000_000_000_000_000  # in 2033
CONFIG = "data: {events: events.parquet}\njourney: retail\nmodel: {rounds: 20, learning_rate: 0.1, threads: 1}\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    generated_events().to_parquet(folder / "events.parquet")
    (folder / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def first_run(folder: Path) -> Run:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    return run_training(open_folder(folder), NOW)


@pytest.fixture
def run(first_run: Run, folder: Path) -> Run:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")  # another test may have moved it
    return first_run

from functools import partial
from pathlib import Path

import mlflow
import pytest

from features.partitions import Partitions
from tests.data import generated_events
from training.config import Config
from training.run import TrainingRun, open_folder, read_events, run_training

NOW = 2_000_000_000_000_000  # in 2033
CONFIG = "data: {events: events.parquet}\njourney: retail\nmodel: {rounds: 20, learning_rate: 0.1, threads: 1}\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    generated_events().to_parquet(folder / "events.parquet")
    (folder / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def first_run(folder: Path) -> TrainingRun:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    return trained(open_folder(folder))


@pytest.fixture
def run(first_run: TrainingRun, folder: Path) -> TrainingRun:
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")  # another test may have moved it
    return first_run


def trained(config: Config, partitions: Partitions | None = None) -> TrainingRun:
    """Returns a training run on the events of the file that a configuration names, or on partitions."""
    return run_training(config, partial(read_events, config, NOW), partitions=partitions)

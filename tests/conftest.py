"""Property tests draw the same examples on every machine, so that a red run can be repeated; one small training."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey, load_journey
from models.classifier import BoostingOptions
from tests.data import generated_events
from training.recipe import Recipe
from training.train import Training, train

settings.register_profile(
    "reproducible",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")

RECIPE = Recipe(options=BoostingOptions(rounds=40, learning_rate=0.1, min_data_in_leaf=40, threads=1))


@pytest.fixture(scope="session")
def log() -> EventLog:
    return log_from_frame(generated_events())


@pytest.fixture(scope="session")
def journey() -> Journey:
    return load_journey("retail")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Returns the address of a Dask cluster of one worker in this process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0") as running:
        yield running.scheduler_address


@pytest.fixture(scope="session")
def training(log: EventLog, journey: Journey) -> Training:
    return train(log, journey, RECIPE)

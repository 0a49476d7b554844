import logging
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from models.predictor import Predictor, RegisteredPredictor
from models.registry import CHAMPION, load_predictor, log_predictor, set_alias
from serving.following import Follower, Watch
from serving.metrics import Metrics

ADDRESS = "models:/followed@champion"


@pytest.fixture(scope="module")
def followed(registry: str, predictor: Predictor, events: pd.DataFrame) -> str:
    """The address of a model with three versions, the third of which is damaged."""
    mlflow.set_tracking_uri(registry)
    example = events.head(5).astype({"timestamp": "str"})[["customer_id", "timestamp", "event", "channel", "value"]]
    with mlflow.start_run(experiment_id=mlflow.get_experiment_by_name("tests").experiment_id):
        for _ in range(3):
            version = log_predictor(predictor, "followed", example)
    damaged = Path(mlflow.artifacts.download_artifacts(f"models:/followed/{version}"))
    next(damaged.rglob("predictor.json")).write_text("{}")
    return ADDRESS


def count(metrics: Metrics) -> float:
    told = metrics.text({}, {"name": "followed", "version": "1"}).decode().splitlines()
    return float(next(line for line in told if line.startswith("nextstage_model_load_failures_total ")).split()[-1])


def test_the_model_is_replaced_when_the_alias_moves_and_only_then(followed: str) -> None:
    set_alias("followed", CHAMPION, "1")
    used: list[RegisteredPredictor] = []
    follower = Follower(followed, load_predictor(followed).version, used.append, Metrics())
    follower.look()
    assert used == []
    set_alias("followed", CHAMPION, "2")
    follower.look()
    follower.look()
    assert [model.version for model in used] == ["2"]
    assert follower.version == "2"


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_is_told_once(
    followed: str, caplog: pytest.LogCaptureFixture
) -> None:
    set_alias("followed", CHAMPION, "3")
    used: list[RegisteredPredictor] = []
    metrics = Metrics()
    follower = Follower(followed, "1", used.append, metrics)
    with caplog.at_level(logging.ERROR):
        follower.look()
        follower.look()
    assert (used, follower.version) == ([], "1")
    assert count(metrics) == 2.0
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["models"]
    assert "points at version 3, which cannot be loaded" in caplog.text
    assert "version 1 stays in use" in caplog.text
    set_alias("followed", CHAMPION, "2")
    follower.look()
    assert [model.version for model in used] == ["2"]


@pytest.mark.usefixtures("followed")
def test_an_alias_that_is_not_there_yet_is_waited_for() -> None:
    used: list[RegisteredPredictor] = []
    follower = Follower("models:/followed@challenger", None, used.append, Metrics())
    follower.look()
    assert used == []
    set_alias("followed", "challenger", "1")
    follower.look()
    assert [model.version for model in used] == ["1"]


def test_a_watch_looks_until_it_is_closed(followed: str) -> None:
    set_alias("followed", CHAMPION, "2")
    used: list[RegisteredPredictor] = []
    follower = Follower(followed, "1", used.append, Metrics())
    watch = Watch([follower], every=0.01)
    watch.start()
    for _ in range(2_000):
        if used:
            break
        watch._ended.wait(0.01)
    watch.close()
    watch._thread.join(20)
    assert not watch._thread.is_alive()
    assert [model.version for model in used] == ["2"]

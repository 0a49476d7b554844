import random
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from features.errors import PredictorError
from features.events import EventLog
from models.registry import (
    connect,
    describe_version,
    load_predictor,
    log_predictor,
    replaced_by,
    restore_champion,
    set_alias,
    set_champion,
    version_at,
    versions,
    web_page,
)
from training.run import example_events
from training.train import Training

ROOT = Path(__file__).parents[2]


@pytest.fixture
def registered(training: Training, log: EventLog, tmp_path: Path) -> str:
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = mlflow.create_experiment("tests", artifact_location=(tmp_path / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        return log_predictor(training.predictor, "tested", example_events(log))


def test_a_registered_predictor_comes_back_whole(registered: str, training: Training) -> None:
    loaded = load_predictor(f"models:/tested/{registered}")
    assert (loaded.name, loaded.version) == ("tested", "1")
    assert loaded.predictor.fingerprint == training.predictor.fingerprint


def test_an_alias_points_at_a_version(registered: str) -> None:
    assert version_at("tested", "champion") is None
    set_alias("tested", "champion", registered)
    assert version_at("tested", "champion") == registered
    assert load_predictor("models:/tested@champion").version == registered
    assert versions("tested") == ["1"]


@pytest.mark.parametrize("address", ["models:/tested@champion", "models:/tested/7", "models:/unknown@champion"])
def test_a_model_that_is_not_there_says_what_to_run(registered: str, address: str) -> None:
    assert registered == "1"
    with pytest.raises(PredictorError, match="run 'nextstage train' and 'nextstage promote' first"):
        load_predictor(address)


def test_an_address_of_another_form_says_how_to_write_it() -> None:
    with pytest.raises(PredictorError, match="write models:/NAME@ALIAS or models:/NAME/VERSION"):
        load_predictor("champion")


def test_an_address_given_wins_over_the_folder(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'given.db'}"
    connect(tmp_path, uri)
    assert mlflow.get_tracking_uri() == uri
    connect(tmp_path / "elsewhere")  # a tracking server is set already
    assert mlflow.get_tracking_uri() == uri


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'mlflow.db'}"


@pytest.fixture
def bare(store: str, request: pytest.FixtureRequest) -> str:
    """Returns a model with four versions that hold nothing: what matters is which one is the champion."""
    mlflow.set_tracking_uri(store)
    client, name = MlflowClient(), request.node.name
    client.create_registered_model(name)
    for _ in range(4):
        client.create_model_version(name, source="file:///nowhere")
    return name


def test_a_champion_knows_which_ones_it_replaced_and_when(bare: str) -> None:
    for version in ("1", "2", "4"):
        set_champion(bare, version, {"verdict": "promote"})
    assert replaced_by(bare, "4") == ["2", "1"]
    tags = MlflowClient().get_model_version(bare, "4").tags
    assert (tags["replaced"], tags["verdict"]) == ("2, 1", "promote")
    assert datetime.fromisoformat(tags["promoted_at"]).tzinfo is not None
    set_champion(bare, "4", {})  # the champion replaces nobody by staying
    assert replaced_by(bare, "4") == ["2", "1"]


def test_rolling_back_goes_one_back_each_time_also_past_a_version_that_was_champion_twice(bare: str) -> None:
    for version in ("1", "2", "1", "3"):
        set_champion(bare, version, {})
    for before in ("1", "2", "1"):
        restore_champion(bare, replaced_by(bare, str(version_at(bare, "champion")))[0])
        assert version_at(bare, "champion") == before
    assert replaced_by(bare, "1") == []


def test_a_version_is_described(bare: str) -> None:
    describe_version(bare, "2", "# Card")
    assert MlflowClient().get_model_version(bare, "2").description == "# Card"


CHANGES = """
import sys
import mlflow
from models.registry import replaced_by, restore_champion, set_champion, version_at
mlflow.set_tracking_uri(sys.argv[1])
name = sys.argv[2]
for turn in range(10**6):
    print(turn, flush=True)
    history = replaced_by(name, version_at(name, "champion"))
    if turn % 3 == 2 and history:
        restore_champion(name, history[0])
    else:
        set_champion(name, str(1 + turn * 7 % 4), {"turn": str(turn)})
"""


def test_whoever_is_killed_while_changing_champions_leaves_one(bare: str) -> None:
    set_champion(bare, "1", {})
    rng = random.Random(5)  # noqa: S311 - which moment, nothing secret
    for _ in range(3):
        changing = subprocess.Popen(
            [sys.executable, "-c", CHANGES, mlflow.get_tracking_uri(), bare],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert changing.stdout is not None
        for _ in range(rng.randrange(1, 12)):
            assert changing.stdout.readline(), "it ended by itself"
            assert version_at(bare, "champion") in {"1", "2", "3", "4"}
        time.sleep(rng.uniform(0, 0.05))
        changing.kill()
        changing.communicate()
        champion = version_at(bare, "champion")
        assert champion in {"1", "2", "3", "4"}
        history = replaced_by(bare, champion)
        if history:
            restore_champion(bare, history[0])
            assert version_at(bare, "champion") == history[0]


def test_only_a_tracking_server_has_a_page_for_a_version(tmp_path: Path) -> None:
    before = mlflow.get_tracking_uri()
    try:
        mlflow.set_tracking_uri("http://127.0.0.1:5000/")
        assert web_page("shop", "3") == "http://127.0.0.1:5000/#/models/shop/versions/3"
        mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
        assert web_page("shop", "3") is None
    finally:
        mlflow.set_tracking_uri(before)

from pathlib import Path

import mlflow
import pytest

from features.errors import PredictorError
from features.events import EventLog
from models.registry import connect, load_predictor, log_predictor, set_alias, version_at, versions
from training.run import example_events
from training.train import Training


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

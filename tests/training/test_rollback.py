from pathlib import Path

import pytest

from features.errors import PredictorError
from models.registry import REPLACED, load_predictor, replaced_by, set_champion, version_at
from tests.training.conftest import trained
from training.rollback import rollback
from training.run import TrainingRun, open_folder


def test_without_a_champion_there_is_nothing_to_roll_back(run: TrainingRun) -> None:
    assert run.version
    with pytest.raises(PredictorError, match="model 'another' has no champion to roll back"):
        rollback("another")


def test_the_champion_before_comes_back_and_is_served(run: TrainingRun, folder: Path) -> None:
    name = run.model_name
    second = trained(open_folder(folder)).version
    set_champion(name, run.version, {})
    set_champion(name, second, {"verdict": "better in churn_28d"})
    assert replaced_by(name, second)[0] == run.version
    done = rollback(name)
    assert (done.version, done.left) == (run.version, second)
    assert load_predictor(f"models:/{name}@champion").version == run.version


def test_the_first_champion_has_none_before_it(run: TrainingRun) -> None:
    from mlflow import MlflowClient

    name = run.model_name
    set_champion(name, run.version, {})
    MlflowClient().set_model_version_tag(name, run.version, REPLACED, "99")  # deleted since
    with pytest.raises(PredictorError, match="replaced no champion that is still there; name the version you want"):
        rollback(name)
    assert version_at(name, "champion") == run.version

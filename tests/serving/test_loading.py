"""The served model comes from the registry or from a folder, and is the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from features.errors import PredictorError
from models.predictor import RegisteredPredictor
from serving.loading import load_model
from tests.serving.conftest import MODEL


def test_a_folder_gives_the_model_of_the_registry(model: RegisteredPredictor, tmp_path: Path) -> None:
    load_model(MODEL).save(tmp_path)
    loaded = load_model(str(tmp_path))
    assert (loaded.name, loaded.version) == (model.name, model.version)
    assert loaded.predictor.fingerprint == model.predictor.fingerprint


def test_a_folder_needs_no_mlflow(model: RegisteredPredictor, tmp_path: Path) -> None:
    model.save(tmp_path)
    code = "import sys; sys.modules['mlflow'] = None; from serving.loading import load_model; load_model(sys.argv[1])"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_a_folder_without_a_version_is_one_sentence(model: RegisteredPredictor, tmp_path: Path) -> None:
    model.save(tmp_path)
    (tmp_path / "registered.json").unlink()
    with pytest.raises(PredictorError, match="does not say which version it holds"):
        load_model(str(tmp_path))


def test_an_address_that_is_nothing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PredictorError, match="no whole predictor in nothing"):
        load_model(str(tmp_path / "nothing"))

from pathlib import Path

import pytest

from features.errors import PredictorError
from models.registry import load_predictor, version_at
from tests.training.conftest import NOW
from training.promote import promote
from training.run import Run, open_folder, run_training


def test_promoting_moves_the_alias_from_version_to_version(run: Run, folder: Path) -> None:
    name = run.model_name
    assert promote(name, run.version).version == run.version
    second = run_training(open_folder(folder), NOW)
    assert second.training.predictor.fingerprint == run.training.predictor.fingerprint
    assert version_at(name, "champion") == run.version
    promotion = promote(name)
    assert (promotion.previous, promotion.version) == (run.version, second.version)
    assert load_predictor(f"models:/{name}@champion").version == second.version


def test_a_version_that_does_not_exist_is_not_promoted(run: Run) -> None:
    before = version_at(run.model_name, "champion")
    with pytest.raises(PredictorError, match="no model at"):
        promote(run.model_name, "99")
    with pytest.raises(PredictorError, match="has no challenger to promote"):
        promote("another")
    assert version_at(run.model_name, "champion") == before

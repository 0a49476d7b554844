import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import PredictorError
from features.events import EventLog
from features.snapshots import Snapshots
from models.explain import Explainer
from models.hazards import Bins, PersonPeriods
from models.predictor import Predictor
from models.stage_hazards import StageHazards
from models.target_model import TargetModel
from training.train import Training


@pytest.fixture(scope="module")
def mixed(training: Training) -> Predictor:
    """A predictor that answers churn by a baseline."""
    predictor = training.predictor
    nothing = np.empty(0, dtype=np.int64)
    models = []
    for model in predictor.models:
        if model.target.kind == "churn":
            bins = Bins.up_to(model.target.horizons)
            shape = (len(predictor.journey.stage_names), 2)
            hazards = StageHazards.fit(bins, PersonPeriods(nothing, nothing, nothing), nothing, shape)
            model = replace(model, hazards=hazards)
        models.append(model)
    return replace(predictor, models=tuple(models))


def test_a_model_read_back_from_plain_data_is_the_same(training: Training) -> None:
    for model in training.predictor.models:
        data = json.loads(json.dumps(model.to_dict()))
        again = TargetModel.from_dict(data, training.predictor.journey, model.to_text())
        assert (again.target, again.classes, again.rankings) == (model.target, model.classes, model.rankings)
        assert again.to_dict() == model.to_dict()


def test_a_baseline_is_labelled_saved_and_read_back(mixed: Predictor, tmp_path: Path, log: EventLog) -> None:
    mixed.save(tmp_path / "mixed")
    assert not (tmp_path / "mixed" / "churn.txt").exists()
    again = Predictor.load(tmp_path / "mixed")
    scored = [each.score(log, Snapshots.at(log, log.end)).columns() for each in (mixed, again)]
    assert scored[0] == scored[1]
    assert set(scored[0]["churn_basis"]) == {"baseline"}
    assert set(scored[0]["purchase_basis"]) == {"model"}
    assert again.fingerprint == mixed.fingerprint


def test_a_baseline_has_no_trees_and_no_reasons(mixed: Predictor, log: EventLog) -> None:
    snapshots = Snapshots.at(log, log.end)
    X = mixed.features(log, snapshots)
    reasons = Explainer.of(mixed).explain(mixed.score_features(log, snapshots, X), X)
    assert {kind for row in reasons for kind in row} == {"next_stage", "purchase"}
    churn = next(model for model in mixed.models if model.target.kind == "churn")
    with pytest.raises(PredictorError, match="'churn' is answered by a baseline and has no trees"):
        churn.to_text()

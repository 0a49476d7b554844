import json

import numpy as np

from features.events import EventLog
from features.snapshots import Snapshots
from models.reference import Reference
from models.stability import stability_index
from training.train import Training


def test_scores_and_features_at_the_reference_cutoff_are_where_they_were(training: Training, log: EventLog) -> None:
    predictor = training.predictor
    reference = predictor.reference
    assert reference is not None
    snapshots = Snapshots.grid(log, np.array([reference.cutoff]))
    assert reference.rows == len(snapshots)
    assert reference.cutoff < log.end
    X = predictor.features(log, snapshots).astype(np.float64)
    columns = predictor.score_features(log, snapshots, predictor.features(log, snapshots)).columns()
    assert {"churn_28d", "purchase_90d", "move_7d"} <= reference.scores.keys()
    for name, before in reference.scores.items():
        values = np.array([value for value in columns[name] if value is not None])
        assert stability_index(np.array(before.counts), before.count(values)) == 0.0
    assert list(reference.features) == list(predictor.feature_set.columns)
    for place, before in enumerate(reference.features.values()):
        assert before.count(X[:, place]).tolist() == list(before.counts)


def test_a_reference_is_plain_data_and_small(training: Training) -> None:
    reference = training.predictor.reference
    assert reference is not None
    text = json.dumps(reference.to_dict())
    assert Reference.from_dict(json.loads(text)) == reference
    assert len(text) < 300 * (len(reference.features) + len(reference.scores))


def test_the_model_that_is_only_measured_needs_none(training: Training) -> None:
    assert training.measured.reference is None

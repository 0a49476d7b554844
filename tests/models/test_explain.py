import json
from dataclasses import replace
from itertools import chain

import lightgbm
import numpy as np
import pytest

from features.errors import PredictorError
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.phrases import phrases
from features.snapshots import Snapshots
from features.targets import HORIZONS, Purchase
from features.wording import Template, Wording
from models.calibration import Identity
from models.classifier import BoostedClassifier, BoostingOptions
from models.explain import Explainer, TargetExplainer, wordings_of
from models.hazards import BIN, Bins, HazardModel
from models.predictor import Predictor
from models.target_model import TargetModel
from training.train import Training

OPTIONS = BoostingOptions(
    rounds=30, num_leaves=2, learning_rate=0.3, min_data_in_leaf=5, bagging_fraction=1.0, threads=1
)


@pytest.fixture(scope="module")
def explainer(training: Training) -> Explainer:
    return Explainer.of(training.predictor)


@pytest.fixture(scope="module", name="X")
def features_at_the_end(training: Training, log: EventLog) -> np.ndarray:
    return training.predictor.feature_set.compute(log, training.predictor.journey, Snapshots.at(log, log.end))


def raw_scores(model: TargetModel, X: np.ndarray) -> np.ndarray:
    booster = model.boosted.classifier.booster
    assert booster is not None
    middle = np.full(len(X), model.hazards.bins.within("28d") // 2)
    raw = np.asarray(booster.predict(np.column_stack([X, middle]), raw_score=True, num_threads=1))
    return np.column_stack([-raw, raw]) if raw.ndim == 1 else raw


def test_contributions_add_up_to_the_raw_score_of_every_outcome(
    training: Training, explainer: Explainer, X: np.ndarray
) -> None:
    for model in training.predictor.models:
        raw = raw_scores(model, X)
        for outcome in range(raw.shape[1]):
            contributions = explainer[model.target.kind].contributions(X, outcome)
            np.testing.assert_allclose(contributions.sum(axis=1), raw[:, outcome], rtol=0, atol=1e-9)


def test_reasons_are_the_strongest_contributions_of_the_rows_class(
    training: Training, explainer: Explainer, X: np.ndarray
) -> None:
    codes = np.arange(len(X)) % len(training.predictor.models[0].classes)
    target = explainer["next_stage"]
    stage = np.full(len(X), 1)
    found = target.reasons(X, codes, stage, most=4)
    outcomes = np.where(codes == 1, 0, codes + 1)
    for row in range(len(X)):
        moved = dict(zip(target.columns, target.contributions(X[row : row + 1], int(outcomes[row]))[0], strict=False))
        strongest = sorted(moved.values(), key=abs, reverse=True)[:4]
        assert [reason.contribution for reason in found[row]] == [value for value in strongest if value]
        for reason in found[row]:
            assert moved[reason.feature] == reason.contribution
            assert reason.direction == ("raises" if reason.contribution > 0 else "lowers")
            value = X[row, target.columns.index(reason.feature)]
            assert reason.value == (None if np.isnan(value) else value)
            assert reason.words
            assert reason.feature not in reason.words


def test_a_reason_is_plain_data(explainer: Explainer, X: np.ndarray) -> None:
    for reasons in explainer["churn"].reasons(X, *np.ones((2, len(X)), dtype=np.int64)):
        for reason in reasons:
            assert json.loads(json.dumps(reason.to_dict(), allow_nan=False)) == reason.to_dict()


def test_without_the_signal_of_the_top_reason_an_additive_score_moves_by_its_contribution() -> None:
    """In a model of single splits the rest stays as it is: averaging a feature out takes away what it contributed."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4)).astype(np.float32)
    y = (X[:, 0] - 2 * X[:, 1] + rng.normal(size=600) > 0).astype(np.int64)
    classifier = BoostedClassifier(2, OPTIONS)
    columns = ("a", "b", "c", "d")
    asked = np.column_stack([X, np.zeros(len(X), dtype=np.float32)])
    classifier.fit(asked, y, (*columns, BIN))
    model = target_model(classifier)
    predictor = predictor_of(model, FeatureSet(()), Journey.from_dict(_journey()))
    shaps = TargetExplainer.of(model, predictor, wordings_of(predictor)).shaps
    number = Template.of("{number}", phrases("en"), {})
    explainer = TargetExplainer(Purchase(), 0, columns, lambda _: (Wording(number, None, number),) * 4, shaps)
    for row, (top, *_) in enumerate(explainer.reasons(X[:25], *np.ones((2, 25), dtype=np.int64))):
        without = np.tile(X[row], (len(X), 1))
        without[:, columns.index(top.feature)] = X[:, columns.index(top.feature)]
        moved = raw_scores(model, X[row : row + 1])[0, 1] - raw_scores(model, without)[:, 1].mean()
        assert moved == pytest.approx(top.contribution, abs=1e-9)


def test_without_the_signal_of_the_top_reason_the_score_moves_as_stated(
    training: Training, explainer: Explainer, X: np.ndarray
) -> None:
    for model in training.predictor.models:
        target = explainer[model.target.kind]
        stage = np.ones(len(X), dtype=np.int64)
        codes = model.predict_proba(X, stage)[:, 2].argmax(axis=1)
        outcomes = model.target.outcomes(codes, stage)
        stated, moved = [], []
        for row, (top, *_) in enumerate(target.reasons(X, codes, stage)):
            column = target.columns.index(top.feature)
            without = np.tile(X[row], (len(X), 1))
            without[:, column] = X[:, column]
            code = outcomes[row]
            stated.append(top.contribution)
            moved.append(raw_scores(model, X[row : row + 1])[0, code] - raw_scores(model, without)[:, code].mean())
        strong = np.abs(stated) > 0.1
        assert strong.sum() > 50
        assert np.mean(np.sign(stated)[strong] == np.sign(moved)[strong]) > 0.95


def test_reasons_are_the_same_in_every_language_but_for_the_words(
    training: Training, explainer: Explainer, X: np.ndarray
) -> None:
    target, ones = explainer[training.predictor.models[0].target.kind], np.ones(20, dtype=np.int64)
    english, polish = (target.reasons(X[:20], ones, ones, language=language) for language in ("en", "pl"))
    for own, other in zip(chain(*english), chain(*polish), strict=True):
        assert replace(own, words="") == replace(other, words="")
        assert own.words != other.words


def test_an_unknown_target_is_refused(explainer: Explainer) -> None:
    with pytest.raises(PredictorError, match="target 'chrun' is not among the predictor's; did you mean 'churn'"):
        explainer["chrun"]


def test_a_model_that_never_split_gives_no_reasons(journey: Journey) -> None:
    data = lightgbm.Dataset(np.zeros((50, 2)), np.arange(50) % 2)
    booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 2)
    feature_set = FeatureSet.from_dict({"aggregations": [{"aggregation": "Tenure"}]})
    model = target_model(BoostedClassifier(2, booster=booster))
    predictor = predictor_of(model, feature_set, journey)
    explainer = TargetExplainer.of(model, predictor, wordings_of(predictor))
    assert explainer.reasons(np.zeros((2, 1), dtype=np.float32), np.array([0, 1]), np.array([1, 1])) == [(), ()]


def target_model(classifier: BoostedClassifier) -> TargetModel:
    hazards = HazardModel(Bins.up_to(HORIZONS), classifier, Identity())
    return TargetModel(Purchase(), ("no", "yes"), hazards)


def predictor_of(model: TargetModel, feature_set: FeatureSet, journey: Journey) -> Predictor:
    return Predictor(journey, feature_set, (model,), "28d", {})


def _journey() -> dict[str, object]:
    stages = [{"name": "active", "rules": [{"events": ["visit"]}]}]
    return {"name": "tiny", "activity": ["visit"], "purchase": ["visit"], "stages": stages}

import lightgbm
import numpy as np
import pytest

from features.errors import PredictorError
from models.classifier import BoostedClassifier, BoostingOptions
from models.forest import Forest
from models.trees import Trees

BINS = 11
OPTIONS = BoostingOptions(rounds=40, learning_rate=0.2, min_data_in_leaf=5, lambda_l2=0.1, threads=1)


def grown(n_classes: int) -> tuple[BoostedClassifier, np.ndarray]:
    """Returns a model of synthetic rows with missing values and zeros, in which the bin matters much."""
    rng = np.random.default_rng(n_classes)
    X = np.round(rng.normal(size=(3000, 6)), 1).astype(np.float32)
    X[rng.random(X.shape) < 0.15] = np.nan
    bins = rng.integers(0, BINS, 3000).astype(np.float32)
    filled = np.nan_to_num(X)
    score = filled[:, 0] + filled[:, 1] * (bins > 4) + 0.3 * bins + rng.normal(size=3000)
    y = np.argsort(np.argsort(score)) * n_classes // 3000
    classifier = BoostedClassifier(n_classes, OPTIONS)
    classifier.fit(np.column_stack([X, bins]), y, (*"abcdef", "bin"))
    return classifier, X


@pytest.mark.parametrize("n_classes", [2, 5])
def test_raw_scores_have_the_bits_of_lightgbm_bin_by_bin(n_classes: int) -> None:
    classifier, X = grown(n_classes)
    raw = Forest.of(Trees.from_text(classifier.to_text())).raw_scores(X, BINS)
    assert classifier.booster is not None
    for place in range(BINS):
        asked = np.column_stack([X, np.full(len(X), place, dtype=np.float32)])
        expected = np.asarray(classifier.booster.predict(asked, raw_score=True, num_threads=1)).reshape(len(X), -1)
        assert np.array_equal(raw[:, place], expected)


def test_a_row_has_the_same_bits_alone() -> None:
    classifier, X = grown(3)
    forest = Forest.of(Trees.from_text(classifier.to_text()))
    together = forest.raw_scores(X[:50], BINS)
    alone = np.concatenate([forest.raw_scores(X[row : row + 1], BINS) for row in range(50)])
    assert np.array_equal(together, alone)


def test_a_model_that_never_split_gives_its_constant() -> None:
    data = lightgbm.Dataset(np.zeros((50, 2)), np.arange(50) % 2)
    booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 2)
    forest = Forest.of(Trees.from_text(booster.model_to_string()))
    raw = forest.raw_scores(np.zeros((3, 1), dtype=np.float32), 4)
    assert np.array_equal(raw[:, :, 0], np.tile(booster.predict(np.zeros((3, 2)), raw_score=True)[:, None], 4))


def test_rows_of_another_width_and_categories_are_refused() -> None:
    classifier, X = grown(2)
    forest = Forest.of(Trees.from_text(classifier.to_text()))
    with pytest.raises(PredictorError, match="rows of 6 features"):
        forest.raw_scores(X[:, :3], BINS)
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.integers(0, 5, 500), rng.normal(size=500)])
    data = lightgbm.Dataset(rows, rows[:, 0] % 2, categorical_feature=[0], params={"verbosity": -1})
    options = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "max_cat_to_onehot": 1}
    booster = lightgbm.train(options, data, 3)
    with pytest.raises(PredictorError, match="splits by categories"):
        Forest.of(Trees.from_text(booster.model_to_string()))

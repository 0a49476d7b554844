import numpy as np

from features.arrays import Ints, Singles
from models.classifier import BoostedClassifier, BoostingOptions

COLUMNS = ("first", "second", "third")
OPTIONS = BoostingOptions(rounds=20, min_data_in_leaf=10)


def rows_and_labels(classes: int) -> tuple[Singles, Ints]:
    X = np.random.default_rng(3).normal(size=(600, 3)).astype(np.float32)
    X[::7, 1] = np.nan
    y = np.digitize(X[:, 0], np.linspace(-1, 1, classes - 1)).astype(np.int64)
    return X, y


def fitted(classes: int) -> BoostedClassifier:
    X, y = rows_and_labels(classes)
    classifier = BoostedClassifier(classes, OPTIONS)
    classifier.fit(X, y, COLUMNS)
    return classifier


def test_training_twice_gives_byte_identical_models() -> None:
    assert fitted(4).to_text() == fitted(4).to_text()


def test_a_row_scores_the_same_alone_and_in_a_batch() -> None:
    for classes in (2, 4):
        X, _ = rows_and_labels(classes)
        classifier = fitted(classes)
        alone = np.vstack([classifier.predict_proba(X[row : row + 1]) for row in range(100)])
        assert classifier.predict_proba(X)[:100].tobytes() == alone.tobytes()


def test_a_model_read_from_text_scores_the_same_bits() -> None:
    X, _ = rows_and_labels(3)
    classifier = fitted(3)
    again = BoostedClassifier.from_text(classifier.to_text(), 3)
    assert again.predict_proba(X).tobytes() == classifier.predict_proba(X).tobytes()


def test_the_feature_that_decides_is_the_most_important() -> None:
    assert next(iter(fitted(2).importance())) == "first"


def test_every_round_is_reported() -> None:
    X, y = rows_and_labels(2)
    rounds: list[int] = []
    BoostedClassifier(2, OPTIONS).fit(X, y, COLUMNS, lambda: rounds.append(1))
    assert len(rounds) == OPTIONS.rounds

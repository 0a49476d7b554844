import numpy as np
import pytest

from features.arrays import Floats, Singles
from models.classifier import BoostingOptions
from models.regressor import BoostedRegressor

COLUMNS = ("first", "second", "third")
OPTIONS = BoostingOptions(rounds=60, learning_rate=0.2, min_data_in_leaf=10, lambda_l2=0.0, threads=1)


@pytest.fixture(scope="module")
def rows() -> tuple[Singles, Floats]:
    X = np.random.default_rng(3).normal(size=(600, 3)).astype(np.float32)
    X[::7, 1] = np.nan
    return X, 2.0 * np.sign(X[:, 0]).astype(np.float64)


def test_training_twice_gives_byte_identical_models(rows: tuple[Singles, Floats]) -> None:
    texts = {BoostedRegressor.fit(*rows, COLUMNS, OPTIONS).to_text() for _ in range(2)}
    assert len(texts) == 1


def test_a_step_is_learnt(rows: tuple[Singles, Floats]) -> None:
    X, y = rows
    assert BoostedRegressor.fit(X, y, COLUMNS, OPTIONS).predict(X) == pytest.approx(y, abs=0.3)


def test_a_row_alone_and_a_model_read_from_text_give_the_same_bits(rows: tuple[Singles, Floats]) -> None:
    X, _ = rows
    regressor = BoostedRegressor.fit(*rows, COLUMNS, OPTIONS)
    again = BoostedRegressor.from_text(regressor.to_text())
    alone = np.concatenate([again.predict(X[row : row + 1]) for row in range(100)])
    assert alone.tobytes() == regressor.predict(X)[:100].tobytes()

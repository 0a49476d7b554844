import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.readiness.solo import binned, ranked_auc, solo_auc

SECOND = np.arange(4000) % 2 == 1


def score(column: np.ndarray, yes: np.ndarray) -> float:
    return solo_auc(*binned(column.astype(np.float32)), yes, SECOND)


def test_ranked_auc_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 8, 30) / 8
    positive, negative = rng.integers(0, 9, 30), rng.integers(0, 9, 30)
    y = np.concatenate([np.ones(positive.sum()), np.zeros(negative.sum())])
    each = np.concatenate([np.repeat(scores, positive), np.repeat(scores, negative)])
    assert ranked_auc(scores, positive, negative) == pytest.approx(roc_auc_score(y, each), abs=1e-12)


def test_a_column_tells_an_answer_whichever_way_it_is_written() -> None:
    rng = np.random.default_rng(5)
    yes = rng.random(4000) < 0.2
    noise = rng.random(4000)
    assert score(yes, yes) == 1.0
    assert score(-5.0 * yes, yes) == 1.0
    assert score(np.where(yes, np.nan, noise), yes) == 1.0
    assert score(np.where(yes, noise, noise + rng.choice([-2, 2], 4000)), yes) > 0.95  # not rising with the answer


def test_chance_tells_nothing() -> None:
    rng = np.random.default_rng(5)
    yes = rng.random(4000) < 0.2
    for column in (rng.random(4000), rng.integers(0, 40, 4000), np.zeros(4000), np.full(4000, np.nan)):
        assert abs(score(column, yes) - 0.5) < 0.05


def test_what_is_true_of_one_half_only_is_not_learned() -> None:
    rng = np.random.default_rng(5)
    yes = rng.random(4000) < 0.2
    copied = np.where(SECOND, yes, rng.permutation(yes))
    assert score(copied, yes) < 0.7


def test_few_values_are_bins_and_many_are_parts() -> None:
    codes, number = binned(np.array([3, 1, np.nan, 3], dtype=np.float32))
    assert codes.tolist() == [1, 0, 3, 1]
    assert number == 4
    codes, number = binned(np.arange(1000, dtype=np.float32))
    assert np.bincount(codes).tolist() == [50] * 20

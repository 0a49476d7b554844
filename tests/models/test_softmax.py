import numpy as np

from models.softmax import softmax


def test_rows_sum_to_one_and_have_the_same_bits_alone() -> None:
    scores = np.random.default_rng(0).normal(scale=50.0, size=(200, 6))
    together = softmax(scores)
    assert np.allclose(together.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert np.array_equal(together, np.concatenate([softmax(row[None]) for row in scores]))

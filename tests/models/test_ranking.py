import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.ranking import Ranking, bands, deciles


def test_of_a_thousand_customers_ten_are_in_each_percentile() -> None:
    probabilities = np.random.default_rng(0).permutation(np.linspace(0.1, 0.9, 1000))
    percentiles = Ranking.of(probabilities).percentiles(probabilities)
    assert np.bincount(percentiles).tolist() == [0] + [10] * 100
    assert percentiles[probabilities.argmax()] == 100


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_a_higher_probability_never_ranks_lower(given_probabilities: list[float]) -> None:
    probabilities = np.sort(np.array(given_probabilities))
    percentiles = Ranking.of(probabilities).percentiles(probabilities)
    assert (np.diff(percentiles) >= 0).all()
    assert percentiles.min() >= 1
    assert percentiles.max() <= 100
    assert (np.diff(deciles(percentiles)) <= 0).all()


def test_without_customers_to_rank_among_everyone_is_in_the_middle() -> None:
    assert Ranking.of(np.empty(0)).percentiles(np.array([0.2, 0.7])).tolist() == [51, 51]


def test_bands_are_named_by_percentile() -> None:
    assert bands(np.array([1, 50, 51, 80, 81, 100])).tolist() == ["low", "low", "medium", "medium", "high", "high"]

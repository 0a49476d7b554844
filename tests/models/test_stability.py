import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.stability import Distribution, count, stability_by_chance, stability_index

VALUES = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=60)


@given(VALUES)
def test_a_sample_has_an_index_of_zero_with_itself(values: list[float]) -> None:
    sample = np.array(values)
    known = Distribution.of(sample)
    assert sum(known.counts) == len(values)
    assert stability_index(np.array(known.counts), known.count(sample)) == 0.0


@given(VALUES, VALUES)
def test_the_index_is_never_negative_and_the_same_both_ways(one: list[float], other: list[float]) -> None:
    known = Distribution.of(np.array(one))
    before, now = np.array(known.counts), known.count(np.array(other))
    assert stability_index(before, now) >= 0.0
    assert np.isclose(stability_index(before, now), stability_index(now, before))


def test_the_index_of_a_small_example_is_what_a_hand_works_out() -> None:
    """Shares of a half and a half become a quarter and three quarters: 0.25 * ln 2 + 0.25 * ln 1.5 = 0.274653."""
    assert np.isclose(stability_index(np.array([40, 40]), np.array([5, 15])), 0.25 * np.log(2) + 0.25 * np.log(1.5))
    assert np.isclose(stability_index(np.array([40, 40]), np.array([5, 15])), 0.274653, atol=1e-6)


def test_an_empty_bin_counts_as_a_ten_thousandth() -> None:
    expected = (1 - 1e-4) * np.log(1 / 1e-4) * 2
    assert np.isclose(stability_index(np.array([7, 0]), np.array([0, 9])), expected)


def test_bins_are_tenths_and_of_few_values_each_is_one() -> None:
    many = Distribution.of(np.arange(100.0))
    assert many.edges == (9.0, 19.0, 29.0, 39.0, 49.0, 59.0, 69.0, 79.0, 89.0)
    assert many.counts == (*[10] * 10, 0)
    few = Distribution.of(np.array([0.0, 0.0, 5.0, np.nan]))
    assert (few.edges, few.counts) == ((0.0, 5.0), (2, 1, 0, 1))
    assert few.count(np.array([-1.0, 0.0, 1.0, 5.0, 6.0, np.nan])).tolist() == [2, 2, 1, 1]
    assert Distribution.of(np.array([np.nan])).counts == (0, 1)
    assert count((), np.array([1.0])).tolist() == [1, 0]
    assert Distribution.from_dict(few.to_dict()) == few


@pytest.mark.parametrize("rows", [200, 5_000])
def test_chance_seldom_exceeds_what_it_is_said_to_make(rows: int) -> None:
    rng = np.random.default_rng(5)
    beyond = 0
    for _ in range(300):
        known = Distribution.of(rng.normal(size=rows))
        before, now = np.array(known.counts), known.count(rng.normal(size=rows))
        beyond += stability_index(before, now) > stability_by_chance(before, now)
    assert beyond <= 3

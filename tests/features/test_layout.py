import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.layout import blocks, laid_out, segment_std

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted), max_size=8)


@given(bounds=pairs, most=st.integers(1, 12))
def test_blocks_cover_every_row_once_and_hold_about_as_much_as_told(bounds, most):
    start, stop = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
    found = list(blocks(start, stop, most))
    assert [row for rows in found for row in range(rows.start, rows.stop)] == list(range(len(bounds)))
    assert all((stop - start)[rows].sum() < most + 10 for rows in found)


@given(bounds=pairs)
def test_segments_are_laid_out_one_after_the_other(bounds):
    start, stop = np.array(bounds, dtype=np.int64).reshape(-1, 2).T
    expected = [(row, position) for row, (first, last) in enumerate(bounds) for position in range(first, last)]
    assert list(zip(*(column.tolist() for column in laid_out(start, stop)), strict=True)) == expected


def test_a_small_spread_on_a_large_mean_is_not_lost():
    values = np.array([3.0, 1e6, 1e6 + 0.1, 5.0])
    spread = segment_std(values, np.array([1, 3, 2]), np.array([3, 4, 2]))
    assert spread[0] == pytest.approx(0.05, rel=1e-8)
    assert spread[1] == 0.0
    assert np.isnan(spread[2])


def test_a_spread_has_the_same_bits_whatever_is_computed_beside_it():
    random = np.random.default_rng(0)
    values = random.normal(size=2_000) * 10.0 ** random.integers(-9, 9, size=2_000)
    start = random.integers(0, 2_000, size=200)
    stop = np.minimum(start + random.integers(0, 300, size=200), 2_000)
    at_once = segment_std(values, start, stop)
    one_by_one = [
        segment_std(values[first:last], np.array([0]), np.array([last - first]))
        for first, last in zip(start, stop, strict=True)
    ]
    assert np.concatenate(one_by_one).tobytes() == at_once.tobytes()

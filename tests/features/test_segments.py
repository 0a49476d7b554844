from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.segments import count_true, positions_at, segment_max, segment_sum, select

histories = st.lists(st.lists(st.integers(0, 9).map(lambda n: 10 * n), max_size=12).map(sorted), min_size=1, max_size=4)


def arrays(history):
    indptr = np.cumsum([0, *map(len, history)])
    return indptr, np.array([moment for times in history for moment in times], dtype=np.int64)


@given(history=histories, moment=st.integers(-11, 111))
def test_a_position_is_how_many_events_lie_at_or_before_the_moment(history, moment):
    indptr, time = arrays(history)
    everything = select(indptr, time, np.ones(len(time), dtype=bool))
    customer = np.arange(len(history))
    found = positions_at(everything, customer, np.full(len(history), moment))
    assert (found - indptr[:-1]).tolist() == [sum(at <= moment for at in times) for times in history]


@given(history=histories, data=st.data())
def test_a_selection_holds_the_chosen_events_of_each_customer(history, data):
    indptr, time = arrays(history)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(time), max_size=len(time))), dtype=bool)
    selection = select(indptr, time, chosen)
    assert selection.time.tolist() == time[chosen].tolist()
    assert selection.rows.tolist() == [row for row, holds in enumerate(chosen) if holds]
    counts = [int(chosen[start:stop].sum()) for start, stop in pairwise(indptr)]
    assert np.diff(selection.indptr).tolist() == counts


@pytest.mark.parametrize("reduction", [segment_sum, segment_max])
def test_a_segment_has_the_same_bits_whatever_lies_around_it(reduction):
    random = np.random.default_rng(0)
    values = random.normal(size=5_000) * 10.0 ** random.integers(-9, 9, size=5_000)
    start = random.integers(0, 5_000, size=300)
    stop = np.minimum(start + random.integers(1, 400, size=300), 5_000)
    together = reduction(values, start, stop)
    for row, (first, last) in enumerate(zip(start, stop, strict=True)):
        alone = reduction(values[first:last].copy(), np.array([0]), np.array([last - first]))
        assert alone.tobytes() == together[row : row + 1].tobytes()


def test_an_empty_segment_sums_to_zero_and_has_no_maximum():
    values, start, stop = np.array([1.0, 2.0]), np.array([0, 2, 1]), np.array([0, 2, 2])
    assert segment_sum(values, start, stop).tolist() == [0.0, 0.0, 2.0]
    assert np.isnan(segment_max(values, start, stop)).tolist() == [True, True, False]
    nothing = np.array([], dtype=np.int64)
    assert segment_sum(values, nothing, nothing).shape == (0,)


def test_the_last_value_belongs_to_a_segment_that_ends_where_the_values_do():
    values = np.array([1.0, 2.0, -4.0])
    assert segment_sum(values, np.array([1, 0]), np.array([3, 3])).tolist() == [-2.0, -1.0]
    assert segment_max(values, np.array([2]), np.array([3])).tolist() == [-4.0]


def test_true_flags_are_counted_per_segment():
    flags = np.array([True, False, True, True])
    assert count_true(flags, np.array([0, 1, 2, 3]), np.array([4, 2, 2, 4])).tolist() == [3, 0, 0, 1]

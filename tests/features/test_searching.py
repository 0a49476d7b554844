import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.searching import places_at
from features.segments import Selection, positions_at

times = st.lists(st.lists(st.integers(-5, 5), max_size=6), min_size=1, max_size=4)


@given(times=times, moment=st.integers(-7, 7))
def test_a_bisection_finds_what_the_definition_in_numpy_finds(times: list[list[int]], moment: int) -> None:
    indptr = np.concatenate([[0], np.cumsum([len(own) for own in times])]).astype(np.int64)
    time = np.array([at for own in times for at in sorted(own)], dtype=np.int64)
    customer, moments = np.arange(len(times)), np.full(len(times), moment)
    expected = positions_at(Selection(indptr, time, np.arange(len(time))), customer, moments)
    assert places_at(indptr, time, customer, moments).tolist() == expected.tolist()

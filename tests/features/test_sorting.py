import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.sorting import sorted_by_customer

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=30)


@given(rows=rows, in_time=st.booleans())
def test_rows_come_by_customer_and_time_and_equal_ones_in_their_order(rows, in_time):
    if in_time:
        rows = sorted(rows, key=lambda row: row[1])
    customer, time = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    indptr, order = sorted_by_customer(customer.astype(np.int32), time, 5)
    assert order.tolist() == sorted(range(len(rows)), key=rows.__getitem__)
    assert np.diff(indptr).tolist() == np.bincount(customer, minlength=5).tolist()

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.dictionary import encode_column, encode_numbers, text_order
from features.errors import EventLogError

whole = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-20, 200), min_size=1)


@given(numbers=whole)
def test_numbers_are_encoded_as_their_texts_are(numbers):
    column = np.array(numbers, dtype=np.int64)
    encoded = encode_numbers(column)
    assert encoded.texts().tolist() == [str(number) for number in numbers]
    assert list(encoded.names) == sorted(set(map(str, numbers)))


@given(numbers=st.sets(st.integers(0, 2**63 - 1) | st.integers(0, 1100)))
def test_numbers_stand_in_the_order_of_their_texts(numbers):
    rising = np.array(sorted(numbers), dtype=np.int64)
    assert rising[text_order(rising)].tolist() == sorted(numbers, key=str)


@given(texts=st.lists(st.sampled_from(["b", "a", "", None, "10", "9"]), min_size=1))
def test_texts_categories_and_objects_are_encoded_alike(texts):
    expected = [text or None for text in texts]
    for column in (pd.Series(texts, dtype="str"), pd.Series(texts, dtype=object), pd.Series(texts, dtype="category")):
        encoded = encode_column(column)
        assert encoded.texts().tolist() == expected
        assert list(encoded.names) == sorted({text for text in expected if text})


def test_a_number_and_its_text_are_one_name():
    assert encode_column(pd.Series([1, "1", 2], dtype=object)).names == ("1", "2")


def test_categories_that_no_row_has_are_left_out():
    assert encode_column(pd.Series(["b"], dtype=pd.CategoricalDtype(["a", "b"]))).names == ("b",)


def test_decimal_numbers_are_refused():
    with pytest.raises(EventLogError, match=r"holds decimal numbers, such as 1\.5; give texts or whole numbers"):
        encode_column(pd.Series([1.5], name="customer_id"))

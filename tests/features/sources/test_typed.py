import numpy as np
import pyarrow as pa
import pytest

from features.sources.typed import DoubtError, codes_of, customer_codes, numbers_of, times_of

NOON = 1_769_860_800_000_000


def chunked(*parts, kind=None):
    return pa.chunked_array([pa.array(part, type=kind) for part in parts])


def test_codes_of_parts_share_the_names_that_are_known():
    known = {}
    first = codes_of(chunked(["b", "a", None]).dictionary_encode(), known, required=False)
    second = codes_of(chunked(["c", "a"]).dictionary_encode(), known, required=False)
    assert (first.tolist(), second.tolist(), list(known)) == ([0, 1, -1], [2, 1], ["b", "a", "c"])


def test_customers_of_all_files_are_one_dictionary():
    texts = customer_codes([chunked(["b"], ["a"]).dictionary_encode(), chunked(["b"]).dictionary_encode()])
    numbers = customer_codes([chunked([20], [3]), chunked([20])])
    assert (texts.codes.tolist(), texts.names) == ([1, 0, 1], ("a", "b"))
    assert (numbers.codes.tolist(), numbers.names) == ([0, 1, 0], ("20", "3"))


def test_times_and_numbers_are_taken_as_they_are():
    assert times_of(chunked([NOON], kind=pa.timestamp("us", "UTC")), None).tolist() == [NOON]
    np.testing.assert_array_equal(numbers_of(chunked([1, None, 3])), [1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    "doubtful",
    [
        lambda: codes_of(chunked(["a", ""]).dictionary_encode(), {}, required=False),
        lambda: codes_of(chunked(["a", None]).dictionary_encode(), {}, required=True),
        lambda: codes_of(chunked([1, None]), {}, required=False),
        lambda: customer_codes([chunked(["a", None]).dictionary_encode()]),
        lambda: times_of(chunked([NOON], kind=pa.timestamp("us")), None),
        lambda: times_of(chunked([NOON], kind=pa.timestamp("us", "UTC")), NOON - 2 * 86_400_000_000),
        lambda: numbers_of(chunked([1e16])),
        lambda: numbers_of(chunked(["1"])),
    ],
)
def test_the_least_doubt_is_said(doubtful):
    with pytest.raises(DoubtError):
        doubtful()

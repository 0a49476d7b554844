import pytest

from serving.whole_number import whole_number


@pytest.mark.parametrize("text", ["", "-1", "1.0", "1e3", " 1", "1_0", "٣", "²", "11", "9" * 5_000, "NaN"])
def test_what_is_no_number_in_its_bounds_is_none(text: str) -> None:
    assert whole_number(text, 10) is None


def test_the_bounds_belong() -> None:
    assert (whole_number("0", 10), whole_number("10", 10)) == (0, 10)

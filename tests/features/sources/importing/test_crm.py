import pytest

from features.sources.importing.crm import Row, _amount, cell


def test_columns_are_found_in_any_case_and_in_the_order_of_their_names():
    row = Row({"Deal - Currency of value": "EUR", "currency": "USD", "Empty": ""})
    assert cell(row, ("empty", "Deal - Currency of Value", "currency")) == "EUR"
    assert cell(row, ("nowhere",)) is None
    assert row.names[0] == "Deal - Currency of value"


@pytest.mark.parametrize(
    ("written", "number"),
    [("1,250.50", "1250.50"), ("1,250,000", "1250000"), ("12,5", "12,5"), ("7", "7"), (None, None)],
)
def test_commas_between_thousands_are_none_of_a_number(written, number):
    assert _amount(written) == number

import msgspec
import pytest

from features.ingest import LARGEST as LARGEST_OF_LOGS
from features.sources.importing.cells import LARGEST, decoded, flag, key, number, whole
from features.sources.importing.records import Refused


def test_the_largest_number_is_that_of_any_other_log():
    assert LARGEST == LARGEST_OF_LOGS


@pytest.mark.parametrize("cell", ["nan", "inf", "1e16", "12,5", "x", [], {}, 10**400])
def test_what_is_no_number_of_a_shop_is_refused(cell):
    with pytest.raises(Refused, match="a number cannot be read"):
        number(cell)


def test_64_bits_survive():
    assert whole("9223372036854775807") == 2**63 - 1
    with pytest.raises(Refused):
        whole(None)


@pytest.mark.parametrize(("cell", "value"), [(1, 1.0), ("1", 1.0), (True, 1.0), ("Yes", 1.0), (0, 0.0), ("", None)])
def test_a_flag_is_read_in_any_form(cell, value):
    assert flag(cell) == value


def test_a_key_tells_parts_apart():
    assert key("a", None) != key("a", "") != key("a")
    assert key(1, "x") == key("1", "x")


def test_bytes_that_are_no_text_are_no_json():
    with pytest.raises(Refused, match="the row is no"):
        decoded(msgspec.json.Decoder(str), b'"\xff"')

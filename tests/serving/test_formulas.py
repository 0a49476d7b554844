import pytest

from serving.formulas import defused


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_formula_gets_an_apostrophe(text):
    assert defused(text) == "'" + text

from hypothesis import given

from serving.segments.parser import parse
from serving.segments.syntax import Expression, Literal
from tests.serving.segments.expressions import expressions


@given(expressions())
def test_the_text_of_an_expression_is_read_as_the_same_expression(expression: Expression) -> None:
    assert parse(str(expression)) == expression
    assert str(parse(str(expression))) == str(expression)


def test_whole_numbers_carry_no_point() -> None:
    assert [str(Literal(number)) for number in (30.0, 0.4, -1.0, 1e300)] == ["30", "0.4", "-1", "1e+300"]

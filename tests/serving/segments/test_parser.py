from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.segments.errors import ExpressionError
from serving.segments.parser import DEEPEST, parse
from serving.segments.syntax import And, Column, Comparison, Literal, Membership, Not

WORDS = (
    "and",
    "or",
    "not",
    "in",
    "is",
    "missing",
    "(",
    ")",
    ",",
    "==",
    "<",
    "a",
    "`b c`",
    "1",
    "-.5",
    "'x'",
    '"',
    "=",
    "é",
)


def test_not_binds_closer_than_and_and_and_closer_than_or() -> None:
    assert parse("a < 1 or b < 1 and not c < 1") == parse("a < 1 or (b < 1 and (not (c < 1)))")
    assert parse("a in (1, 2,)") == parse("a in (1, 2)") == Membership(Column("a"), (Literal(1.0), Literal(2.0)))


def test_the_issue_s_example_is_read() -> None:
    where = "next_stage == 'decision' and purchase_28d > 0.4 and not churn_28d_band == 'high'"
    first, second, third = parse(where).parts  # type: ignore[union-attr]
    assert first == Comparison(Column("next_stage"), "==", Literal("decision"))
    assert second == Comparison(Column("purchase_28d"), ">", Literal(0.4))
    assert third == Not(Comparison(Column("churn_28d_band"), "==", Literal("high")))
    assert str(parse(where)) == where


@pytest.mark.parametrize(
    ("expression", "position", "says"),
    [
        ("", 0, "a column, a number or a text in quotes was expected, not the end"),
        ("a", 1, "one of ==, .* was expected, not the end"),
        ("a < ", 4, "a column, a number or a text in quotes was expected, not the end"),
        ("a < 1 b < 2", 6, "'and' or 'or' was expected, not 'b'"),
        ("a < 1 < 2", 6, "'and' or 'or' was expected, not '<'"),
        ("(a < 1", 6, r"'\)' was expected, not the end"),
        ("a in b", 5, r"'\(' was expected, not 'b'"),
        ("a in ()", 6, "a column, a number or a text in quotes was expected"),
        ("a is 1", 5, "'missing' was expected, not '1'"),
        ("1 in (1)", 0, "a column was expected before 'in', not 1"),
        ("1 < 2", 0, "1 and 2 never change; compare a column"),
        ("a not b", 6, "'in' was expected, not 'b'"),
        ("__import__('os')", 10, r"one of ==, .* was expected, not '\('"),
        ("a.b == 1", 1, "'.' means nothing here"),
        ("a[0] == 1", 1, r"'\[' means nothing here"),
        ("a == lambda: 1", 11, "':' means nothing here"),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(expression: str, position: int, says: str) -> None:
    with pytest.raises(ExpressionError, match=says) as raised:
        parse(expression)
    assert raised.value.position == position


def test_depth_is_limited_and_length_in_breadth_is_not() -> None:
    assert isinstance(parse(" and ".join(["a<1"] * 200)), And)
    parse("(" * (DEEPEST - 1) + "a<1" + ")" * (DEEPEST - 1))
    for deep in ("(" * DEEPEST + "a<1" + ")" * DEEPEST, "not " * DEEPEST + "a<1", "(" * 1_999, "not " * 499):
        with pytest.raises(ExpressionError, match=f"more than {DEEPEST} 'not' and"):
            parse(deep)


@settings(max_examples=300)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_any_text_is_an_expression_or_one_error(text: str) -> None:
    with suppress(ExpressionError):
        found = parse(text)
        assert parse(str(found)) == found

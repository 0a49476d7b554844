import pytest

from serving.segments.errors import ExpressionError
from serving.segments.tokens import LONGEST, quoted_column, quoted_text, tokens


def words(expression: str) -> list[tuple[str, str]]:
    return [(token.kind, token.value) for token in tokens(expression)][:-1]


def test_every_kind_of_word_is_told_from_the_others() -> None:
    assert words("a_1 >= -1.5e3 AND `in` in('x', \"y's\")") == [
        ("column", "a_1"),
        ("symbol", ">="),
        ("number", "-1.5e3"),
        ("keyword", "and"),
        ("column", "in"),
        ("keyword", "in"),
        ("symbol", "("),
        ("text", "x"),
        ("symbol", ","),
        ("text", "y's"),
        ("symbol", ")"),
    ]
    assert [token.position for token in tokens("a  <b")] == [0, 3, 4, 5]


@pytest.mark.parametrize("text", ["", "plain", "it's", "''", 'a "b"', "a\nb", "ü`"])
def test_what_is_quoted_is_read_again(text: str) -> None:
    assert words(quoted_text(text)) == [("text", text)]
    if text:
        assert words(quoted_column(text)) == [("column", text)]


@pytest.mark.parametrize(
    ("expression", "position", "says"),
    [
        ("a = 1", 2, r"'=' means nothing here; did you mean '=='\?"),
        ("a ? 1", 2, "compare columns by ==, .* or in"),
        ("a & b", 2, "did you mean 'and'"),
        ("a == 'x", 5, "the quote ' has no end; close it"),
        ("`a", 0, "the quote ` has no end"),
        ("a.b", 1, "'.' means nothing here"),
        ("a == 1e999", 5, "is no number that can be compared"),
        ("a" * (LONGEST + 1), LONGEST, f"has {LONGEST + 1} characters; {LONGEST} are the most"),
    ],
)
def test_what_is_no_word_is_told_with_its_place(expression: str, position: int, says: str) -> None:
    with pytest.raises(ExpressionError, match=says) as raised:
        tokens(expression)
    assert raised.value.position == position
    assert str(raised.value).startswith(f"where, character {position + 1}: ")

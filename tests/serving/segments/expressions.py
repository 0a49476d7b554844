"""Expressions drawn at random, and their slow reading: row by row, with None for what is not known."""

import operator
from collections.abc import Mapping

from hypothesis import strategies as st

from serving.segments.syntax import And, Column, Comparison, Expression, Literal, Membership, Missing, Not, Operand, Or

NUMBERS = ("churn_28d", "age", "last event")
TEXTS = ("stage", "country")
WORDS = ("loyal", "new", "it's", "")
FIGURES = (0.0, 0.5, 1.0, -3.0, 1e-7)
Row = Mapping[str, float | str | None]


def named(names: tuple[str, ...]) -> st.SearchStrategy[Column]:
    return st.sampled_from(names).map(Column)


def written(values: tuple[float, ...] | tuple[str, ...]) -> st.SearchStrategy[Literal]:
    return st.sampled_from(values).map(Literal)


def comparisons() -> st.SearchStrategy[Expression]:
    """Comparisons that fit their columns, each with a column on one side at least."""
    orders, equals = st.sampled_from(("==", "!=", "<", "<=", ">", ">=")), st.sampled_from(("==", "!="))
    number, text = named(NUMBERS), named(TEXTS)
    figure, word = written(FIGURES), written(WORDS)
    return st.one_of(
        st.builds(Comparison, number, orders, number | figure),
        st.builds(Comparison, figure, orders, number),
        st.builds(Comparison, text, equals, text | word),
        st.builds(Comparison, word, equals, text),
        st.builds(Membership, number, st.lists(figure, min_size=1, max_size=3).map(tuple)),
        st.builds(Membership, text, st.lists(word, min_size=1, max_size=3).map(tuple)),
        st.builds(Missing, number | text),
    )


def expressions() -> st.SearchStrategy[Expression]:
    def wider(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return inner.map(Not) | parts.map(And) | parts.map(Or)

    return st.recursive(comparisons(), wider, max_leaves=8)


def slow(expression: Expression, row: Row) -> bool | None:
    """Returns whether an expression holds for one customer; None where that is not known."""
    if isinstance(expression, And | Or):
        decisive = isinstance(expression, Or)
        found = [slow(part, row) for part in expression.parts]
        if decisive in found:
            return decisive
        return None if None in found else not decisive
    if isinstance(expression, Not):
        inner = slow(expression.inner, row)
        return None if inner is None else not inner
    if isinstance(expression, Missing):
        return row[expression.column.name] is None
    if isinstance(expression, Membership):
        value = row[expression.column.name]
        return None if value is None else value in [each.value for each in expression.values]
    left, right = side(expression.left, row), side(expression.right, row)
    if left is None or right is None:
        return None
    signs = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
    return bool(getattr(operator, signs[expression.operator])(left, right))


def side(operand: Operand, row: Row) -> float | str | None:
    return row[operand.name] if isinstance(operand, Column) else operand.value

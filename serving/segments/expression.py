"""What holds for which customer: an expression applied to the columns of a table, a whole column at a time.

A comparison with what is missing is neither true nor false, and ``not`` does not make it true: truth is 1, falsehood -1
and the unknown 0, so that *and* is the lower, *or* the higher of two, and *not* the opposite (Kleene 1938, section 1).
"""

import operator
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import Bools, Floats
from features.errors import did_you_mean
from features.events import Dimension
from serving.segments.errors import ExpressionError
from serving.segments.syntax import And, Column, Comparison, Expression, Literal, Membership, Missing, Not, Operand, Or
from serving.segments.table import Category, CustomerTable
from serving.segments.tokens import quoted_text

Truth = NDArray[np.int8]
Side = float | str | Floats | Category
ABSENT = -2  # the code of a text that a column never has; a missing one has -1
EQUALITY = ("==", "!=")
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(expression: Expression, table: CustomerTable) -> Bools:
    """Says for which customers an expression is true.

    Raises
    ------
    ExpressionError
        If it names a column that is not there, or compares what cannot be compared.
    """
    return _truth(expression, table) > 0


def columns_of(expression: Expression) -> Iterator[Column]:
    """Yields every column that an expression names, in its order."""
    if isinstance(expression, And | Or):
        for part in expression.parts:
            yield from columns_of(part)
    elif isinstance(expression, Not):
        yield from columns_of(expression.inner)
    elif isinstance(expression, Comparison):
        yield from (side for side in (expression.left, expression.right) if isinstance(side, Column))
    else:
        yield expression.column


def _truth(expression: Expression, table: CustomerTable) -> Truth:
    match expression:
        case And(parts):
            return reduce(np.minimum, (_truth(part, table) for part in parts))
        case Or(parts):
            return reduce(np.maximum, (_truth(part, table) for part in parts))
        case Not(inner):
            return -_truth(inner, table)
        case Missing(column):
            found = _found(column, table)
            missing = found.dimension.codes < 0 if isinstance(found, Category) else np.isnan(found)
            return _as_truth(missing)
        case Membership(column, values):
            return _membership(_found(column, table), column, values)
        case Comparison():
            return _comparison(expression, table)


def _comparison(comparison: Comparison, table: CustomerTable) -> Truth:
    operands = (comparison.left, comparison.right)
    left, right = (_side(own, table, other) for own, other in (operands, operands[::-1]))
    if not isinstance(left, Category | str) and not isinstance(right, Category | str):
        return _compare_numbers(comparison.operator, left, right)
    for operand, side in zip(operands, (left, right), strict=True):
        if not isinstance(side, Category | str):
            raise _no_text(operand)
    if comparison.operator not in EQUALITY:
        sentence = f"texts have no order for '{comparison.operator}'; use == or in (...)"
        raise ExpressionError(comparison.position, sentence)
    if isinstance(left, Category) and isinstance(right, Category):
        return _compare_columns(comparison.operator, left.dimension, right.dimension)
    category, literal = (left, operands[1]) if isinstance(left, Category) else (right, operands[0])
    assert isinstance(category, Category)  # noqa: S101 - the parser knows no comparison of two literals
    assert isinstance(literal, Literal)  # noqa: S101
    return _compare_text(comparison.operator, category, literal)


def _side(operand: Operand, table: CustomerTable, other: Operand) -> Side:
    """Returns the column or the value that stands on one side of a comparison."""
    if isinstance(operand, Literal):
        return operand.value
    beside = table.columns.get(other.name) if isinstance(other, Column) else None
    if operand.name not in table.columns and isinstance(beside, Category) and beside.may_hold(operand.name):
        raise ExpressionError(operand.position, f"a text is written in quotes: {quoted_text(operand.name)}")
    return _found(operand, table)


def _found(column: Column, table: CustomerTable) -> Floats | Category:
    if column.name not in table.columns:
        hint = table.hint(column.name, table.columns)
        raise ExpressionError(column.position, f"no column '{column.name:.60}'; {hint}")
    return table.columns[column.name]


def _no_text(operand: Operand) -> ExpressionError:
    if isinstance(operand, Column):
        sentence = f"'{operand.name}' holds numbers; compare it with a number, without quotes"
        return ExpressionError(operand.position, sentence)
    return ExpressionError(operand.position, f"{operand} is a number beside a text; write '{operand}' in quotes")


def _compare_numbers(name: str, left: float | Floats, right: float | Floats) -> Truth:
    truth = _as_truth(OPERATIONS[name](left, right))
    truth[np.isnan(left) | np.isnan(right)] = 0
    return truth


def _compare_columns(name: str, left: Dimension, right: Dimension) -> Truth:
    place = {text: code for code, text in enumerate(left.names)}
    translated = np.array([*(place.get(text, ABSENT) for text in right.names), ABSENT], dtype=np.int64)[right.codes]
    truth = _as_truth(OPERATIONS[name](left.codes, translated))
    truth[(left.codes < 0) | (right.codes < 0)] = 0
    return truth


def _compare_text(name: str, category: Category, literal: Literal) -> Truth:
    _check_known(literal, category)
    codes, names = category.dimension.codes, category.dimension.names
    code = names.index(str(literal.value)) if literal.value in names else ABSENT
    truth = _as_truth(OPERATIONS[name](codes, code))
    truth[codes < 0] = 0
    return truth


def _membership(found: Floats | Category, column: Column, values: tuple[Literal, ...]) -> Truth:
    if isinstance(found, Category):
        for value in values:
            if not isinstance(value.value, str):
                raise _no_text(value)
            _check_known(value, found)
        truth = _as_truth(found.dimension.is_in([str(value.value) for value in values]))
        truth[found.dimension.codes < 0] = 0
        return truth
    for value in values:
        if isinstance(value.value, str):
            raise ExpressionError(value.position, f"'{column.name}' holds numbers; write {value} without quotes")
    truth = _as_truth(np.isin(found, [value.value for value in values]))
    truth[np.isnan(found)] = 0
    return truth


def _check_known(literal: Literal, category: Category) -> None:
    """Makes sure that a text is one that the column may hold, where that is known."""
    if category.known is not None and literal.value not in category.known:
        hint = did_you_mean(str(literal.value), category.known)
        raise ExpressionError(literal.position, f"the column never holds {literal}; {hint}")


def _as_truth(condition: Any) -> Truth:
    truth: Truth = np.where(condition, np.int8(1), np.int8(-1))
    return truth

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import serving.segments
from features.events import Dimension
from serving.segments.errors import ExpressionError
from serving.segments.expression import columns_of, holds
from serving.segments.parser import parse
from serving.segments.syntax import Expression
from serving.segments.table import Category, CustomerTable
from tests.serving.segments.expressions import FIGURES, NUMBERS, TEXTS, WORDS, expressions, slow

VALUES: dict[str, Any] = {
    **{name: st.sampled_from((*FIGURES, None)) for name in NUMBERS},
    **{name: st.sampled_from((*WORDS, "other", None)) for name in TEXTS},
}
ROWS = st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=8)


def table_of(rows: list[dict[str, Any]], **known: tuple[str, ...]) -> CustomerTable:
    columns: dict[str, Any] = {}
    for name in NUMBERS:
        columns[name] = np.array([row[name] for row in rows], dtype=np.float64)
    for name in TEXTS:
        texts = Dimension.encode(np.array([row[name] for row in rows] + [None], dtype=object)[:-1])
        columns[name] = Category(texts, known.get(name))
    ids = np.array([f"c{place:03d}" for place in range(len(rows))], dtype=object)
    return CustomerTable(ids, columns, np.zeros(len(rows), dtype=bool), 0, 28)


TABLE = table_of([{"churn_28d": 0.5, "age": None, "last event": 3.0, "stage": "loyal", "country": None}], stage=WORDS)


@settings(max_examples=200)
@given(expressions(), ROWS)
def test_columns_at_once_give_what_row_by_row_gives(expression: Expression, rows: list[dict[str, Any]]) -> None:
    assert holds(expression, table_of(rows)).tolist() == [slow(expression, row) is True for row in rows]


@pytest.mark.parametrize(
    "where",
    [
        *("age < 1", "age >= 1", "age != 1", "not age < 1", "not age in (1)", "country != 'PL'", "not country == 'PL'"),
        *("age == age", "country == stage", "not (age < 1 or country == 'PL')", "age is not missing"),
    ],
)
def test_what_is_missing_satisfies_no_comparison_and_not_does_not_help(where: str) -> None:
    assert not holds(parse(where), TABLE).any()


def test_what_is_missing_can_be_asked_for_and_spoils_no_other_condition() -> None:
    for where in ("age is missing", "age < 1 or churn_28d == 0.5", "not (age < 1 and churn_28d > 0.5)"):
        assert holds(parse(where), TABLE).all()


@pytest.mark.parametrize(
    ("where", "position", "says"),
    [
        ("chrun_28d > 0.5", 0, r"no column 'chrun_28d'; did you mean 'churn_28d'\?"),
        ("age > 1 and contry == 'PL'", 12, r"no column 'contry'; did you mean 'country'\?"),
        ("purchase_uplift > 0.1", 0, "no column 'purchase_uplift'; 'nextstage campaign uplift' makes it"),
        ("zzz is missing", 0, "no column 'zzz'; known: age, churn_28d, country, last event, stage"),
        ("stage == 'loyl'", 9, r"the column never holds 'loyl'; did you mean 'loyal'\?"),
        ("stage in ('new', 'loyl')", 17, r"did you mean 'loyal'\?"),
        ("stage == loyal", 9, "a text is written in quotes: 'loyal'"),
        ("stage > 'loyal'", 6, "texts have no order for '>'"),
        ("churn_28d > '0.5'", 0, "'churn_28d' holds numbers; compare it with a number, without quotes"),
        ("country == 5", 11, "5 is a number beside a text; write '5' in quotes"),
        ("country in (5)", 12, "5 is a number beside a text"),
        ("age in ('5')", 8, "'age' holds numbers; write '5' without quotes"),
        ("age == country", 0, "'age' holds numbers"),
    ],
)
def test_what_does_not_fit_the_columns_is_told_with_its_place(where: str, position: int, says: str) -> None:
    with pytest.raises(ExpressionError, match=says) as raised:
        holds(parse(where), TABLE)
    assert raised.value.position == position


def test_an_open_column_may_be_asked_for_a_text_that_nobody_has() -> None:
    assert not holds(parse("country == 'Atlantis'"), TABLE).any()


def test_every_column_is_named() -> None:
    where = "a < b and (not c in (1) or d is missing) or `e f` == 'x'"
    assert [column.name for column in columns_of(parse(where))] == ["a", "b", "c", "d", "e f"]


REACHING = (
    "__class__",
    "__import__",
    "os",
    "os.system",
    "columns",
    "customer_id",
    "eval",
    "exec",
    "np",
    "self",
    "table",
)
PARTS = (
    *REACHING,
    "age",
    "stage",
    "country",
    "(",
    ")",
    "'x'",
    "1",
    "==",
    "<",
    "in",
    "not",
    "and",
    "is",
    "missing",
    ",",
)


@settings(max_examples=400)
@given(st.text(max_size=40) | st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
def test_nothing_but_columns_can_be_reached(text: str) -> None:
    """Whatever the text, it says something of the columns or is refused, and the interpreter does nothing else."""
    heard: list[str] = []
    LISTENERS.append(heard)
    try:
        names = {column.name for column in columns_of(parse(text))}
        answer = holds(parse(text), TABLE)
    except ExpressionError:
        pass
    else:
        assert names <= TABLE.columns.keys()
        assert answer.shape == (1,)
    finally:
        LISTENERS.pop()
    assert not heard


LISTENERS: list[list[str]] = []
REFUSED = ("import", "exec", "compile", "open", "os.", "subprocess.", "socket.", "object.__getattr__", "ctypes.")


def listen(event: str, arguments: tuple[Any, ...]) -> None:
    del arguments
    if LISTENERS and event.startswith(REFUSED):
        LISTENERS[-1].append(event)


sys.addaudithook(listen)  # stays for good, and hears only while a test above listens


def test_the_listener_hears_what_an_expression_must_not_do() -> None:
    heard: list[str] = []
    LISTENERS.append(heard)
    try:
        eval("1 + 1")  # noqa: S307 - what is listened for
    finally:
        LISTENERS.pop()
    assert "compile" in heard
    assert "exec" in heard


def test_no_module_of_the_language_can_run_code() -> None:
    for path in Path(serving.segments.__file__).parent.glob("*.py"):
        called = {node.func.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
        assert not called & {"eval", "exec", "compile", "__import__"}, path


def test_a_name_of_the_table_that_is_no_column_is_none() -> None:
    with pytest.raises(ExpressionError, match="no column 'customer_id'"):
        holds(parse("customer_id == 'c000'"), TABLE)

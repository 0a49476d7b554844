import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.deciles import deciles, wilson


@given(rows=st.integers(1, 120), seed=st.integers(0, 2**32 - 1))
def test_deciles_are_the_sorted_rows_cut_into_ten(rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    predicted, actual, customers = rng.random(rows).round(1), rng.integers(0, 2, rows), rng.integers(0, 9, rows)
    order = np.argsort(-predicted, kind="stable")
    parts = [part for part in np.array_split(order, 10) if len(part)]
    table = deciles(predicted, actual, customers)
    assert [line.decile for line in table] == list(range(1, len(parts) + 1))
    for line, part in zip(table, parts, strict=True):
        assert (line.rows, line.customers) == (len(part), len(set(customers[part].tolist())))
        assert (line.expected, line.actual) == (pytest.approx(predicted[part].sum()), actual[part].sum())
        assert (line.mean_predicted, line.actual_share) == pytest.approx((predicted[part].mean(), actual[part].mean()))
        assert line.low <= line.actual_share <= line.high


def test_the_first_decile_has_the_highest_predictions() -> None:
    predicted = np.random.default_rng(1).random(95)
    table = deciles(predicted, np.ones(95, dtype=np.int64), np.arange(95))
    assert [line.rows for line in table] == [10] * 5 + [9] * 5
    assert (np.diff([line.mean_predicted for line in table]) < 0).all()
    assert table[0].mean_predicted == pytest.approx(np.sort(predicted)[-10:].mean())


def test_a_decile_is_plain_data() -> None:
    first = deciles(np.array([0.9, 0.1]), np.array([1, 0]), np.array([5, 5]))[0].to_dict()
    assert {key: first[key] for key in ("decile", "rows", "customers", "expected", "actual")} == {
        "decile": 1, "rows": 1, "customers": 1, "expected": 0.9, "actual": 1,
    }  # fmt: skip
    assert all(type(value) in (int, float) for value in first.values())


@given(rows=st.integers(1, 1000), share=st.floats(0, 1))
def test_at_the_ends_of_the_interval_the_answers_are_just_within_reach(rows: int, share: float) -> None:
    """The definition: a true share at an end lies 1.96 of its own standard errors from the observed one."""
    happened = round(share * rows)
    for end in (bound[0] for bound in wilson(np.array([happened]), np.array([rows]))):
        if 1e-12 < end < 1 - 1e-12:
            assert abs(happened / rows - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / rows), rel=1e-5)


def test_the_interval_covers_the_true_share_about_as_often_as_it_says() -> None:
    happened = np.random.default_rng(2).binomial(50, 0.1, 20_000)
    low, high = wilson(happened, np.full(20_000, 50))
    assert 0.93 < np.mean((low <= 0.1) & (high >= 0.1)) < 0.98

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.arrays import Floats
from serving.segments.errors import SegmentError
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.segments.table import CustomerTable


def members(table: CustomerTable, **rule: Any) -> str:
    return "".join(table.customer_id[select(Segment("s", **rule), table).members])


def test_the_highest_comes_first_equal_ones_by_id_and_who_has_no_score_never(table: CustomerTable) -> None:
    assert members(table, order_by="churn_prob") == "gabecf"
    assert members(table, order_by="churn_prob", lowest_first=True) == "fceabg"


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({"at_least": 0.5}, "gab"),
        ({"at_least": 0.4, "lowest_first": True}, "fce"),
        ({"top": 2}, "ga"),
        ({"top": 100}, "gabecf"),
        ({"top_percent": 50.0}, "gab"),
        ({"top_percent": 1.0}, "g"),
        ({"top_percent": 50.0, "where": "stage == 'loyal'"}, "ga"),
        ({"top": 1, "within": "stage"}, "gef"),
        ({"top_percent": 50.0, "within": "stage"}, "gaef"),
        ({"where": "country in ('PL', 'SK')"}, "abcf"),
        ({"cost": 1.0, "value": 2.0}, "g"),
        ({"cost": 1.0, "value": 2.5}, "gab"),
        ({"cost": 1.0, "value": 2.5, "budget": 2.5}, "ga"),
        ({"cost": 0.1, "value": 100.0, "budget": 0.3}, "gab"),
        ({"cost": 0.0, "value": 1.0, "budget": 1.0}, "gabecf"),
        ({"cost": 5e-324, "value": 1.0, "budget": 1e12}, "gabecf"),
    ],
)
def test_limits_narrow_who_is_chosen(table: CustomerTable, rule: dict[str, Any], chosen: str) -> None:
    assert members(table, order_by="churn_prob", **rule) == chosen


def of(probabilities: list[float]) -> CustomerTable:
    columns: dict[str, Any] = {"purchase_prob": np.array(probabilities, dtype=np.float64)}
    ids = np.array([f"c{place:02d}" for place in range(len(probabilities))], dtype=object)
    return CustomerTable(ids, columns, np.zeros(len(ids), dtype=bool), 0, 28)


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0]), max_size=7),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.sampled_from([1.0, 4.0, 10.0]),
    st.sampled_from([1.0, 3.0, 100.0]),
)
def test_no_other_audience_within_the_budget_earns_more(
    probabilities: list[float], cost: float, value: float, budget: float
) -> None:
    table = of(probabilities)
    chosen = select(Segment("s", cost=cost, value=value, budget=budget), table).members
    gain: Floats = np.array(probabilities, dtype=np.float64) * value - cost
    every = [list(rows) for size in range(len(gain) + 1) for rows in combinations(range(len(gain)), size)]
    best = max(float(gain[rows].sum()) for rows in every if len(rows) * cost <= budget)
    assert len(chosen) * cost <= budget
    assert float(gain[chosen].sum()) == pytest.approx(best)


def test_who_opted_out_leaves_the_place_to_another(scores: pd.DataFrame) -> None:
    table = CustomerTable.of(scores, opted_out=["g", "f"])
    chosen = select(Segment("s", "stage == 'loyal'", "churn_prob", top=2), table)
    assert table.customer_id[chosen.members].tolist() == ["a", "b"]
    assert (chosen.matched, chosen.opted_out) == (2, 1)


def test_who_is_held_out_leaves_the_place_empty(table: CustomerTable) -> None:
    held_out = table.members(["a", "c"])
    chosen = select(Segment("s", order_by="churn_prob", top=3), table, held_out)
    assert table.customer_id[chosen.members].tolist() == ["g", "b"]
    assert table.customer_id[chosen.held_out].tolist() == ["a"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"order_by": "churn_uplift"}, "'churn_uplift'; 'nextstage campaign uplift --outcome churn' makes it"),
        ({"order_by": "chrun_prob"}, r"segment 's': no column of numbers 'chrun_prob'; did you mean 'churn_prob'\?"),
        ({"order_by": "country"}, "no column of numbers 'country'"),
        ({"order_by": "churn_percentile", "cost": 1.0, "value": 1.0}, "'churn_percentile' is no probability"),
        ({"where": "chrun_prob > 1"}, r"no column 'chrun_prob'; did you mean 'churn_prob'\?"),
    ],
)
def test_a_typo_names_the_nearest_column(table: CustomerTable, rule: dict[str, Any], says: str) -> None:
    with pytest.raises(SegmentError, match=says):
        select(Segment("s", **rule), table)

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from serving.segments.interval import captured
from serving.segments.preview import Changes, Preview, preview
from serving.segments.segment import Segment
from serving.segments.table import CustomerTable

RISK = Segment("risk", order_by="churn_prob", top=3)


def test_what_is_captured_is_told_for_each_target(table: CustomerTable) -> None:
    found = preview(RISK, table)
    assert (found.size, found.customers, found.matched) == (3, 7, 6)
    churned, bought = found.captures
    assert (churned.target, bought.target) == ("churn_28d", "purchase_28d")
    assert churned.expected == pytest.approx(1.9)
    assert churned.false_positives == pytest.approx(1.1)
    assert churned.recall == pytest.approx(1.9 / 2.6)
    assert (churned.low, churned.high) == captured(np.array([0.9, 0.5, 0.5]))[1:]
    assert bought.expected == pytest.approx(0.7)


def test_a_member_of_whom_a_target_is_not_asked_is_no_false_positive(table: CustomerTable) -> None:
    churned = preview(Segment("new", "stage == 'new'"), table).captures[1]
    assert (churned.customers, churned.expected) == (2, pytest.approx(0.6))


def test_a_measured_shift_widens_its_own_target(table: CustomerTable) -> None:
    everybody = Segment("all", order_by="purchase_prob")
    many: Any = {name: np.repeat(column, 50) for name, column in table.probabilities.items()}
    ids = np.array([f"c{place:04d}" for place in range(350)], dtype=object)
    narrow, broad = (
        preview(everybody, CustomerTable(ids, many, np.zeros(350, dtype=bool), 0, 28, {"purchase_28d": shift})).captures
        for shift in (0.0, 0.5)
    )
    assert broad[0].high - broad[0].low > 2 * (narrow[0].high - narrow[0].low)
    assert broad[1] == narrow[1]


def test_the_profit_is_the_value_of_what_is_captured_less_the_cost(table: CustomerTable) -> None:
    worth = preview(Segment("worth", order_by="purchase_28d", cost=1.0, value=4.0), table).worth
    assert worth is not None
    assert worth.cost == 4.0
    assert worth.profit == pytest.approx(4 * (0.6 + 0.7 + 0.3 + 0.3) - 4)
    assert worth.low <= worth.profit <= worth.high
    assert preview(RISK, table).worth is None


def test_who_refused_or_is_held_out_is_counted_and_no_member(scores: pd.DataFrame) -> None:
    table = CustomerTable.of(scores, opted_out=["g"])
    found = preview(RISK, table, held_out=table.members(["a"]))
    assert (found.size, found.opted_out, found.held_out) == (2, 1, 1)


def test_beside_the_last_time_it_is_told_who_came_and_left(table: CustomerTable) -> None:
    assert preview(RISK, table).changes is None
    assert preview(RISK, table, []).changes == Changes(3, 0, 0)
    assert preview(RISK, table, ["g", "a", "f", "stranger"]).changes == Changes(1, 2, 2)


def test_nobody_is_an_audience_too(table: CustomerTable) -> None:
    found = preview(Segment("none", "churn_prob > 1"), table)
    assert (found.size, [each.expected for each in found.captures]) == (0, [0.0, 0.0])


def test_a_preview_is_plain_data(table: CustomerTable) -> None:
    found: Preview = preview(Segment("s", cost=1.0, value=9.0), table, ["g"])
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert Preview.from_dict(plain) == found
    assert Preview.from_dict(preview(RISK, table).to_dict()) == preview(RISK, table)
    assert plain["captures"][1]["target"] == "churn_28d"
    assert plain["changes"] == {"entered": 5, "left": 1, "kept": 0}

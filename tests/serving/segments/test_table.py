from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.segments.expression import holds
from serving.segments.parser import parse
from serving.segments.table import Category, CustomerTable
from serving.store import Store


def who(table: CustomerTable, where: str) -> str:
    return "".join(table.customer_id[holds(parse(where), table)])


def test_customers_are_ordered_by_id_and_attributes_find_them(table: CustomerTable) -> None:
    assert table.customer_id.tolist() == list("abcdefg")
    assert (who(table, "country == 'PL'"), who(table, "country is missing"), who(table, "seats >= 4")) == (
        "ab",
        "dg",
        "def",
    )
    assert table.as_of == datetime(2026, 1, 31, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.parametrize(
    ("where", "members"),
    [
        ("stage == 'loyal'", "abg"),
        ("stage_current == 'loyal'", "abg"),
        ("next_stage == 'loyal' and next_stage != stage", "de"),
        ("churn_28d_band == 'high'", "g"),
        ("churn_percentile >= 60", "abg"),
        ("churn_28d_percentile >= 60", "abg"),
        ("last_event_days == 1", "bcdefg"),
        ("stage_current_days < 30", "abcdefg"),
        ("stage_current_days < 29.49999999994", ""),
        ("attribute_churn_band == 'x'", "abcdef"),
        ("stage_next_prob_new < 0.4", "abcdefg"),
    ],
)
def test_stages_scores_ranks_recency_and_attributes_are_columns(table: CustomerTable, where: str, members: str) -> None:
    assert who(table, where) == members


def test_stages_and_bands_are_closed_and_attributes_open(table: CustomerTable) -> None:
    known = {name: column.known for name, column in table.columns.items() if isinstance(column, Category)}
    assert known["stage"] == known["next_stage"] == ("lapsed", "new", "loyal")
    assert known["churn_28d_band"] == ("low", "medium", "high")
    assert known["country"] is None


def test_only_probabilities_of_yes_are_probabilities(table: CustomerTable) -> None:
    assert set(table.probabilities) == {"churn_prob", "churn_28d", "purchase_prob", "purchase_28d"}


def test_who_opted_out_is_marked(scores: pd.DataFrame) -> None:
    table = CustomerTable.of(scores, opted_out=["b", "stranger"])
    assert table.customer_id[table.opted_out].tolist() == ["b"]
    assert not CustomerTable.of(scores).without([]).opted_out.any()


def test_an_empty_score_table_is_an_empty_table(scores: pd.DataFrame) -> None:
    assert len(CustomerTable.of(scores[:0])) == 0


def test_every_column_of_a_real_score_table_is_there(
    filled: tuple[str, Store], model: RegisteredPredictor, cutoff: int
) -> None:
    frame = score_all(filled[1], model, cutoff).frame()
    table = CustomerTable.of(frame)
    absent = {"customer_id", "as_of", "last_event", "stage_since", "horizon_days"}
    assert set(frame.columns) - table.columns.keys() == absent
    ordered: Any = frame.sort_values("customer_id")
    np.testing.assert_array_equal(table.columns["churn_28d"], ordered["churn_28d"])
    assert (table.as_of, table.horizon_days) == (cutoff, 28)
    assert set(table.probabilities) == {
        f"{kind}_{end}" for kind in ("churn", "purchase") for end in ("prob", "7d", "28d")
    }

import numpy as np
import pandas as pd

from features.ingest import Schema, log_from_frame
from features.journey import Journey
from tests.training.readiness.conftest import HORIZON
from training.readiness.copies import copies
from training.readiness.finding import Verdict


def next_purchase(events: pd.DataFrame) -> pd.DataFrame:
    """Returns the events by customer and time with the days from each to the purchase that follows it."""
    ordered = events.sort_values(["customer_id", "timestamp"], kind="stable", ignore_index=True)
    bought = ordered["timestamp"].where(ordered["event"] == "purchase")
    after = bought.groupby(ordered["customer_id"]).bfill().groupby(ordered["customer_id"]).shift(-1)
    return ordered.assign(days=(after - ordered["timestamp"]).dt.total_seconds() / 86_400)


def test_a_column_that_copies_the_answer_blocks(events: pd.DataFrame, journey: Journey) -> None:
    told = next_purchase(events)
    told["returns"] = np.where(told["days"] <= 28, "yes", "no")
    (found,) = copies(log_from_frame(told, Schema(dimensions=("returns",))), journey, HORIZON)
    assert found.verdict is Verdict.BLOCKS
    assert found.subject == "leak: values of 'returns'"
    assert found.numbers["auc"].keys() == {"purchase_28d", "churn_28d"}


def test_so_does_a_measure_of_what_comes_next(events: pd.DataFrame, journey: Journey) -> None:
    (found,) = copies(log_from_frame(next_purchase(events), Schema(measures=("days",))), journey, HORIZON)
    assert found.subject == "leak: values of 'days'"
    assert found.numbers["auc"]["purchase_28d"] > 0.97


def test_what_was_known_at_the_row_is_no_copy(events: pd.DataFrame, journey: Journey) -> None:
    told = events.sort_values(["customer_id", "timestamp"], kind="stable", ignore_index=True)
    told["before"] = told.groupby("customer_id").cumcount().astype(float)
    told["till"] = np.where(told["event"] == "purchase", "front", "none")
    assert copies(log_from_frame(told, Schema(dimensions=("till",), measures=("before",))), journey, HORIZON) == ()


def test_a_log_shorter_than_the_horizon_is_not_judged(events: pd.DataFrame, journey: Journey) -> None:
    short = next_purchase(events[events["timestamp"] < "2024-01-20"])
    assert copies(log_from_frame(short, Schema(measures=("days",))), journey, HORIZON) == ()

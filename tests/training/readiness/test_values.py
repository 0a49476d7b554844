import numpy as np
import pandas as pd
import pytest

from features.ingest import log_from_frame
from features.journey import Journey
from training.readiness.finding import Verdict
from training.readiness.values import values


def with_values(events: pd.DataFrame, count: int, value: float) -> pd.DataFrame:
    changed = events.copy()
    changed.loc[changed.index[changed["event"] == "purchase"][:count], "value"] = value
    return changed


@pytest.mark.parametrize(
    ("count", "value", "name", "verdict"),
    [
        (1, -1.0, "negative", Verdict.WARNING),
        (10, 0.0, "zero", Verdict.OK),
        (10, np.nan, "missing", Verdict.OK),
        (1000, np.nan, "missing", Verdict.WARNING),
    ],
)
def test_odd_values_of_purchases_are_counted(
    events: pd.DataFrame, journey: Journey, count: int, value: float, name: str, verdict: Verdict
) -> None:
    (found,) = values(log_from_frame(with_values(events, count, value)), journey)
    assert found.verdict is verdict
    odd = {kind: number for kind, number in found.numbers.items() if kind != "purchases" and number}
    assert odd == {name: count}


def test_purchases_without_any_value_are_fine(events: pd.DataFrame, journey: Journey) -> None:
    (found,) = values(log_from_frame(events.drop(columns="value")), journey)
    assert found.verdict is Verdict.OK
    assert found.numbers["missing"] == found.numbers["purchases"] > 0

"""A score table of seven customers, made by hand, and what else is known of them."""

import json

import pandas as pd
import pytest

from serving.segments.table import CustomerTable
from serving.store import Store
from serving.tables import CUSTOMERS, PERIOD_SHIFTS, RUNS, SCORES

STAGES = ["loyal", "loyal", "new", "new", "new", "lapsed", "loyal"]


@pytest.fixture
def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": ["g", "b", "c", "d", "e", "f", "a"],
            "as_of": "2026-01-31T00:00:00Z",
            "last_event": ["2026-01-30T00:00:00Z"] * 6 + [None],
            "stage_current": STAGES,
            "stage_since": ["2026-01-01T12:00:00.000005Z"] * 7,
            "horizon_days": 28,
            "stage_next": ["lapsed", "loyal", "new", "loyal", "loyal", "lapsed", "loyal"],
            **{f"stage_next_prob_{name}": 1 / 3 for name in ("lapsed", "new", "loyal")},
            "churn_prob": [0.9, 0.5, 0.2, None, 0.4, 0.1, 0.5],
            "churn_percentile": pd.array([99, 60, 20, None, 50, 5, 60], dtype="Int64"),
            "churn_band": ["high", "medium", "low", None, "low", "low", "medium"],
            "churn_28d": [0.9, 0.5, 0.2, None, 0.4, 0.1, 0.5],
            "purchase_prob": [0.1, 0.3, 0.6, 0.7, 0.2, 0.0, 0.3],
            "purchase_28d": [0.1, 0.3, 0.6, 0.7, 0.2, 0.0, 0.3],
            "model_version": "1",
        }
    )


@pytest.fixture
def known() -> pd.DataFrame:
    """In another order, with a stranger, and without one customer."""
    return pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e", "f", "stranger"],
            "country": ["PL", "PL", "SK", None, "DE", "SK", "PL"],
            "seats": [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0],
            "churn_band": ["x"] * 7,
        }
    )


@pytest.fixture
def table(scores: pd.DataFrame, known: pd.DataFrame) -> CustomerTable:
    return CustomerTable.of(scores, known)


@pytest.fixture
def scored(store: Store, scores: pd.DataFrame, known: pd.DataFrame) -> Store:
    """A store that keeps one run, of these scores, and the attributes."""
    store.set_attributes(known)
    keep_run(store, scores)
    return store


def keep_run(store: Store, scores: pd.DataFrame) -> None:
    """Keeps a score table as the last run of a store."""
    version = {"model_name": "small", "model_version": "1"}
    records = json.loads(scores.drop(columns="model_version").to_json(orient="records"))
    ids = [each["customer_id"] for each in records]
    with store.database.writing() as connection:
        run = connection.execute(RUNS.insert().values(**version, as_of=1, scored_at=2).returning(RUNS.c.run_id))
        key = run.scalar_one()
        rows = [{"run_id": key, "customer_id": each["customer_id"], "scores": json.dumps(each)} for each in records]
        connection.execute(SCORES.insert(), rows)
        store.database.add_missing(connection, CUSTOMERS, [{"customer_id": name, "attributes": "{}"} for name in ids])
        store.database.add_missing(connection, PERIOD_SHIFTS, [{**version, "shifts": '{"churn_28d": 0.1}'}])

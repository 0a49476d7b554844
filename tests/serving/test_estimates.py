"""What is found between scoring runs stays until it is found anew: in segments, in the next score table, in exports."""

from pathlib import Path

import pandas as pd
import pytest

from models.predictor import RegisteredPredictor
from serving.batch import run_batch
from serving.estimates import keep_estimates, read_estimates, with_estimates
from serving.occasion import Occasion
from serving.personal_data import erase_customer, export_customer
from serving.segments.latest import latest_scores, table_of
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.store import Store
from tests.serving.conftest import ScoredStore
from tests.serving.test_store import frame as frame_of


def told(store: Store, customers: list[str]) -> pd.DataFrame:
    with store.database.reading() as connection:
        return with_estimates(pd.DataFrame({"customer_id": customers}), read_estimates(connection))


def found(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ["a", "b"], **columns})


def test_a_column_stays_until_it_is_found_anew(store: Store) -> None:
    store.add(frame_of({}, {"customer_id": "b", "event_id": "2"}))
    assert told(store, ["a"]).columns.tolist() == ["customer_id"]
    keep_estimates(store.database, found(purchase_uplift=[0.1, -0.2]))
    keep_estimates(store.database, found(next_channel=["email", None], next_send_hour=[9, None]))
    frame = told(store, ["b", "a", "later"])
    assert frame["purchase_uplift"].tolist() == pytest.approx([-0.2, 0.1, float("nan")], nan_ok=True)
    assert frame["next_channel"].isna().tolist() == [True, False, True]
    assert frame["next_send_hour"].dtype == "Int64"
    keep_estimates(store.database, pd.DataFrame({"customer_id": ["gone"], "churn_uplift": [0.1]}))
    assert "churn_uplift" not in told(store, ["a"]).columns
    keep_estimates(store.database, found(purchase_uplift=[0.3, 0.4])[:1])
    frame = told(store, ["a", "b"])
    assert frame["purchase_uplift"].tolist() == pytest.approx([0.3, float("nan")], nan_ok=True)
    assert frame["next_channel"].tolist()[0] == "email"


def test_the_next_scoring_run_and_segments_have_the_columns(
    own_scored: ScoredStore, model: RegisteredPredictor, tmp_path: Path
) -> None:
    store, ids = own_scored.store, own_scored.table["customer_id"].tolist()
    effects = pd.DataFrame({"customer_id": ids, "purchase_uplift": [place / len(ids) for place in range(len(ids))]})
    keep_estimates(store.database, effects)
    path = tmp_path / "scores.parquet"
    run_batch(store, model, Occasion(own_scored.as_of, own_scored.as_of), path)
    written = pd.read_parquet(path).set_index("customer_id")["purchase_uplift"]
    assert written[ids].tolist() == effects["purchase_uplift"].tolist()
    with store.database.reading() as connection:
        table = table_of(connection, *latest_scores(connection))
    chosen = select(Segment("moved", "purchase_uplift >= 0.5", "purchase_uplift"), table)
    assert len(chosen.members) == (effects["purchase_uplift"] >= 0.5).sum()
    assert table.customer_id[chosen.members[0]] == ids[-1]


def test_they_are_exported_and_erased(store: Store, events: pd.DataFrame) -> None:
    store.add(events)
    customer = store.customers()[0]
    keep_estimates(store.database, pd.DataFrame({"customer_id": [customer], "next_channel": ["sms"]}))
    (record,) = export_customer(store.database, customer, 5, "me")["records"]
    assert record["estimates"] == {"next_channel": "sms"}
    assert erase_customer(store.database, customer, 6, "me").erased["estimates"] == 1
    assert "next_channel" not in told(store, [customer]).columns

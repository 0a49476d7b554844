from pathlib import Path

import pandas as pd
import pytest

from features.errors import StoreError
from models.predictor import RegisteredPredictor
from serving import score_table
from serving.batch import score_all
from serving.consents import Consent
from serving.occasion import Occasion
from serving.personal_data import erase_customer
from serving.runs import Run, write_scores
from serving.score_table import write_score_table
from serving.store import Store


@pytest.fixture
def run(store: Store, events: pd.DataFrame, model: RegisteredPredictor, cutoff: int) -> Run:
    """A run that has scored a few customers."""
    store.add(events[events["customer_id"].isin([f"c000{number}" for number in range(9)])])
    begun = Occasion(1, cutoff).open_run(store, model)
    with store.database.writing() as connection:
        write_scores(connection, begun, score_all(store, model, cutoff))
    return begun


def test_the_table_is_in_the_order_of_ids_whatever_the_blocks(
    store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_score_table(store, run, tmp_path / "whole.parquet")
    monkeypatch.setattr(score_table, "BLOCK", 2)
    write_score_table(store, run, tmp_path / "blocks.parquet")
    whole, blocks = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("whole", "blocks"))
    pd.testing.assert_frame_equal(blocks, whole, check_exact=True)
    assert whole["customer_id"].tolist() == store.customers()


def test_how_things_stood_tells_of_erasures_and_refusals(store: Store, run: Run, tmp_path: Path) -> None:
    before = write_score_table(store, run, tmp_path / "scores.parquet")
    assert (before.erasure, before.opted_out) == (None, frozenset())
    store.add_consents([Consent("c0001", "denied", 5, "form")])
    erase_customer(store.database, "c0002", 5, "tests")
    after = write_score_table(store, run, tmp_path / "scores.parquet")
    assert after.erasure is not None
    assert after.opted_out == {"c0001"}
    assert not {"c0001", "c0002"} & set(pd.read_parquet(tmp_path / "scores.parquet")["customer_id"])


def test_when_nobody_is_left_there_is_no_table(store: Store, run: Run, tmp_path: Path) -> None:
    for name in store.customers():
        erase_customer(store.database, name, 5, "tests")
    with pytest.raises(StoreError, match="nobody who was scored is left in the event store; score again"):
        write_score_table(store, run, tmp_path / "scores.parquet")

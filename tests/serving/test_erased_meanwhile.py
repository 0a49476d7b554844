"""Somebody is erased while everybody is scored: nothing that was read before is written after."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.predictor import RegisteredPredictor
from serving import batch, score_table
from serving.batch import run_batch, score_all
from serving.consents import Consent
from serving.occasion import Occasion
from serving.personal_data import erase_customer
from serving.reports.run_report import read_leading
from serving.runs import Run
from serving.store import Store
from tests.traces import traces

WHO = "erased-4711"


@pytest.fixture
def theirs(events: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Events of some customers until the cutoff, and of one more who is like another of them."""
    known = events[events["timestamp"] <= pd.Timestamp(cutoff, unit="us", tz="UTC")].drop(columns="event_id")
    some = known[known["customer_id"].isin(sorted(known["customer_id"].unique())[:20])]
    return pd.concat([some, some[some["customer_id"] == "c0003"].assign(customer_id=WHO)], ignore_index=True)


def afterwards(patch: pytest.MonkeyPatch, place: Any, name: str, happen: Callable[[], None]) -> None:
    """Lets something happen right after a function has answered for the first time, as if by another process."""
    before = getattr(place, name)

    def then(*about: Any) -> Any:
        found = before(*about)
        patch.setattr(place, name, before)
        happen()
        return found

    patch.setattr(place, name, then)


def erase(store: Store) -> None:
    if WHO in store.customers():
        erase_customer(store.database, WHO, 5, "tests")


def score(store: Store, model: RegisteredPredictor, cutoff: int, folder: Path) -> tuple[Run, pd.DataFrame]:
    run = run_batch(store, model, Occasion(1, cutoff), folder / "scores.parquet")
    return run, pd.read_parquet(folder / "scores.parquet").set_index("customer_id")


def test_who_is_erased_between_reading_and_writing_leaves_no_byte(
    tmp_path: Path, theirs: pd.DataFrame, model: RegisteredPredictor, cutoff: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(theirs)
        afterwards(monkeypatch, batch, "_read", lambda: erase(store))
        _, table = score(store, model, cutoff, tmp_path)
        assert len(table) == 20
    assert traces(tmp_path, WHO) == []


def test_who_is_erased_after_being_scored_leads_no_list(
    store: Store, tmp_path: Path, theirs: pd.DataFrame, model: RegisteredPredictor, cutoff: int
) -> None:
    store.add(theirs)
    run = run_batch(store, model, Occasion(1, cutoff), tmp_path / "out" / "scores.parquet", lambda _: erase(store))
    with store.database.reading() as connection:
        leading = [read_leading(connection, run.run_id, stage) for stage in model.predictor.journey.stage_names]
    assert sorted(name for names in leading for name in names) == store.customers()


def test_who_comes_back_is_scored_by_what_came_after_the_erasure(
    store: Store,
    tmp_path: Path,
    theirs: pd.DataFrame,
    model: RegisteredPredictor,
    cutoff: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def erase_and_return() -> None:
        erase(store)
        again = {"customer_id": WHO, "timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "value": 1.0}
        store.add(pd.DataFrame([again]))

    store.add(theirs)
    afterwards(monkeypatch, batch, "_read", erase_and_return)
    _, table = score(store, model, cutoff, tmp_path / "out")
    whole = score_all(store, model, cutoff).frame().assign(model_version="1").set_index("customer_id")
    pd.testing.assert_frame_equal(table, whole, check_exact=True)
    assert table.loc[WHO, "last_event"] == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize("folder", ["store", "elsewhere"])
def test_who_is_erased_or_opts_out_while_the_table_is_written_is_not_in_it(
    tmp_path: Path,
    theirs: pd.DataFrame,
    model: RegisteredPredictor,
    cutoff: int,
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "store").mkdir()
    with Store(f"sqlite:///{tmp_path}/store/nextstage.db") as store:
        store.add(theirs)

        def leave() -> None:
            erase(store)
            store.add_consents([Consent("c0004", "denied", 6, "form")])

        afterwards(monkeypatch, score_table, "typed", leave)
        run, table = score(store, model, cutoff, tmp_path / folder)
        assert sorted(table.index) == [name for name in store.customers() if name != "c0004"]
        assert store.count_scores(run) == len(table)
    assert traces(tmp_path, WHO) == []
    assert [path.name for path in tmp_path.rglob(".scores*")] == []


def test_who_opts_out_while_the_table_is_written_is_not_in_it(
    store: Store,
    tmp_path: Path,
    theirs: pd.DataFrame,
    model: RegisteredPredictor,
    cutoff: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.add(theirs)
    refusal = Consent("c0004", "denied", 6, "form")
    afterwards(monkeypatch, score_table, "typed", lambda: store.add_consents([refusal]))
    run, table = score(store, model, cutoff, tmp_path / "out")
    assert len(table) == store.count_scores(run) == 20
    assert "c0004" not in table.index


def test_erasures_at_any_moment_leave_no_byte(
    tmp_path: Path, theirs: pd.DataFrame, model: RegisteredPredictor, cutoff: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BLOCK", 2)
    url, names = f"sqlite:///{tmp_path}/nextstage.db", [f"gone-{number:02d}-4711" for number in range(12)]
    own = theirs[theirs["customer_id"] == WHO]
    with Store(url) as store, Store(url) as other:
        store.add(pd.concat([theirs, *(own.assign(customer_id=name) for name in names)], ignore_index=True))
        going_on = threading.Event()

        def erase_one_by_one() -> None:
            going_on.wait(30)
            for name in names:
                erase_customer(other.database, name, 5, "tests")

        thread = threading.Thread(target=erase_one_by_one)
        thread.start()
        run_batch(store, model, Occasion(1, cutoff), tmp_path / "scores.parquet", lambda _: going_on.set())
        thread.join(60)
        assert not thread.is_alive()
        assert sorted(pd.read_parquet(tmp_path / "scores.parquet")["customer_id"]) == store.customers()
    assert [found for name in names for found in traces(tmp_path, name)] == []

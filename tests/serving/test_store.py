"""The store keeps what it was given, all of a batch or none of it, and gives back the very same log."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import EventLogError, StoreError
from features.events import EventLog
from features.ingest import Schema, log_from_frame
from serving.errors import UnknownCustomerError
from serving.store import Store

EVENT = {"customer_id": "a", "timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "event_id": "1"}


def frame(*changes: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([EVENT | change for change in changes])


def test_the_log_is_bit_for_bit_the_log_of_the_same_rows(filled: tuple[str, Store], log: EventLog) -> None:
    assert filled[1].log().fingerprint() == log.fingerprint()


def test_the_log_of_some_customers_holds_the_same_bits(filled: tuple[str, Store], log: EventLog) -> None:
    names = log.customers[[3, 50, 7]].tolist()
    mine, theirs = filled[1].log(names), log.select(log.positions(sorted(names)))
    assert mine.customers.tolist() == sorted(names)
    assert mine.time.tolist() == theirs.time.tolist()
    assert mine.measures["value"].tobytes() == theirs.measures["value"].tobytes()
    for name in ("event", "channel"):
        assert texts(mine, name) == texts(theirs, name)


rows = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from(["a", "B", "ä", "10", "9"]),
            "timestamp": st.sampled_from(["2024-01-01T00:00:00Z", "2024-01-01T02:00:00+01:00", "1969-12-31T23:00:00Z"]),
            "known_at": st.sampled_from([None, "2024-01-01T00:30:00Z"]),
            "event": st.sampled_from(["purchase", "visit", "=1+1", " "]),
            "channel": st.sampled_from([None, "", "web"]),
            "value": st.sampled_from([None, 0.1, -2.5, 1e12, 3]),
            "event_id": st.sampled_from([None, "", "1", "2", "3"]),
            "size": st.sampled_from([None, "L", "XL"]),
            "weight": st.sampled_from([None, 0.3]),
        }
    ),
    min_size=1,
    max_size=12,
)


@given(rows=rows, cut=st.integers(0, 12))
def test_however_events_arrive_the_log_is_that_of_all_rows(rows: list[dict[str, object]], cut: int) -> None:
    schema = Schema(dimensions=("size",), measures=("weight",))
    table = pd.DataFrame(rows).astype({"value": float, "weight": float})
    attributes = pd.DataFrame({"customer_id": ["B", "10"], "tier": ["gold", None], "age": [None, 40.0]})
    with Store("sqlite://") as store:
        for part in (table[:cut], table[cut:]):
            if len(part):
                store.add(part, schema)
        store.set_attributes(attributes)
        assert store.log().fingerprint() == log_from_frame(table, schema, attributes).fingerprint()


def test_an_event_id_counts_once_in_a_batch_and_across_batches(store: Store) -> None:
    assert store.add(frame({}, {"value": 5.0}, {"event_id": "2"})) == 2
    assert store.add(frame({"event": "visit"}, {"event_id": "3"})) == 1
    assert store.count() == 3
    assert texts(store.log(), "event") == ["purchase"] * 3


def test_of_two_copies_the_earlier_is_kept_in_whatever_order_they_come(store: Store) -> None:
    early, late = {"value": 1.0}, {"timestamp": "2024-01-02T00:00:00Z", "value": 2.0}
    known_late = {"known_at": "2024-01-03T00:00:00Z", "value": 3.0}
    assert store.add(frame(known_late)) == 1
    assert store.add(frame(late, known_late)) == 0
    assert store.log().measures["value"].tolist() == [2.0]
    assert store.add(frame(known_late, early)) == 0
    assert store.add(frame(late)) == 0
    assert store.log().measures["value"].tolist() == [1.0]


def test_events_without_an_id_all_count(store: Store) -> None:
    assert store.add(frame({"event_id": None}, {"event_id": None})) == 2
    assert store.add(frame({"event_id": None}).drop(columns="event_id")) == 1


def test_equal_times_keep_their_stored_order(store: Store) -> None:
    store.add(frame({"event": "z", "event_id": "1"}, {"event": "a", "event_id": "2"}))
    store.add(frame({"event": "m", "event_id": "3"}))
    assert texts(store.log(), "event") == texts(store.log(["a"]), "event") == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"timestamp": "yesterday"}, "row 2: 'yesterday'"),
        ({"timestamp": "2024-01-01T00:00:00"}, "no time zone in row 2"),
        ({"customer_id": None}, "'customer_id' is empty in row 2"),
        ({"value": "five"}, "in row 2: 'five'"),
        ({"known_at": "tomorrow"}, "'known_at' cannot be read as a time in row 2"),
    ],
)
def test_a_bad_row_stores_nothing_of_its_batch(store: Store, bad: dict[str, object], words: str) -> None:
    store.add(frame({}))
    before = store.log().fingerprint()
    with pytest.raises(EventLogError, match=words):
        store.add(frame({"event_id": "new"}, {"event_id": "bad"} | bad))
    assert store.log().fingerprint() == before
    assert store.count() == 1


def test_an_empty_batch_is_an_error(store: Store) -> None:
    with pytest.raises(EventLogError, match="is empty; give at least one row"):
        store.add(frame({})[:0])


def test_everything_survives_reopening(tmp_path: Path, events: pd.DataFrame, attributes: pd.DataFrame) -> None:
    url = f"sqlite:///{tmp_path}/nextstage.db"
    with Store(url) as store:
        store.add(events)
        store.set_attributes(attributes)
        before = store.log().fingerprint()
    with Store(url) as store:
        assert store.log().fingerprint() == before
        assert store.add(events) == 0


def test_the_newest_event_is_the_one_stored_last(store: Store) -> None:
    assert store.newest() is None
    store.add(frame({}, {"event_id": "2", "timestamp": "2023-01-01T00:00:00Z"}))
    assert store.newest() == 1_672_531_200_000_000


def test_an_unknown_customer_is_named(store: Store) -> None:
    store.add(frame({}))
    with pytest.raises(UnknownCustomerError, match="no events of customer 'nobody'; add them or give another id"):
        store.log(["a", "nobody"])


def test_an_empty_store_has_no_log(store: Store) -> None:
    assert store.customers() == []
    with pytest.raises(StoreError, match="the event store is empty; add events first"):
        store.log()


def texts(log: EventLog, name: str) -> list[str | None]:
    dimension = log.dimensions[name]
    return [None if code < 0 else dimension.names[code] for code in dimension.codes]

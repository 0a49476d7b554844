import numpy as np
import pandas as pd
import pytest

from features.errors import EventLogError
from features.ingest import log_from_frame
from serving.store import Store
from tests.serving.test_store import frame


def test_attributes_are_set_by_column(store: Store) -> None:
    store.add(frame({}, {"customer_id": "b", "event_id": "2"}))
    store.set_attributes(pd.DataFrame({"customer_id": ["a", "b"], "tier": ["gold", "basic"], "age": [40, 50]}))
    store.set_attributes(pd.DataFrame({"customer_id": ["a"], "age": [np.nan]}))
    attributes = store.log().attributes
    assert [attributes["tier"].names[code] for code in attributes["tier"].codes] == ["gold", "basic"]
    assert str(attributes["age"].tolist()) == "[nan, 50.0]"


def test_an_attribute_table_with_a_customer_twice_changes_nothing(store: Store) -> None:
    store.add(frame({}))
    with pytest.raises(EventLogError, match="lists customer 'a' twice"):
        store.set_attributes(pd.DataFrame({"customer_id": ["a", "a"], "age": [1, 2]}))
    with pytest.raises(EventLogError, match="has no column 'customer_id'"):
        store.set_attributes(pd.DataFrame({"customer": ["a"], "age": [1]}))
    assert store.log().attributes == {}


def test_dated_attributes_give_the_log_of_the_same_table(store: Store) -> None:
    events = frame({}, {"customer_id": "b", "event_id": "2"})
    table = pd.DataFrame(
        {
            "customer_id": ["b", "a", "a"],
            "valid_from": ["2024-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2023-01-01T00:00:00Z"],
            "tier": ["gold", None, "basic"],
            "age": [40, 31, np.nan],
        }
    )
    store.add(events)
    for part in (table[:2], table[2:]):
        store.set_attributes(part)
    assert store.log().fingerprint() == log_from_frame(events, attributes=table).fingerprint()


def test_a_dated_attribute_that_is_not_mentioned_stays_as_it_was(store: Store) -> None:
    store.add(frame({}))
    for since, record in (("2024", {"tier": "gold", "age": 30}), ("2025", {"age": 31}), ("2025", {"size": 2})):
        store.set_attributes(pd.DataFrame([{"customer_id": "a", "valid_from": f"{since}-01-01T00:00:00Z"} | record]))
    dated = store.log().dated
    assert dated is not None
    assert dated.columns["age"].tolist() == [30, 31]
    assert dated.columns["tier"].texts().tolist() == ["gold", "gold"]
    assert str(dated.columns["size"].tolist()) == "[nan, 2.0]"


def test_the_zone_of_a_date_is_named_or_given(store: Store) -> None:
    store.add(frame({}))
    table = pd.DataFrame({"customer_id": ["a"], "valid_from": ["2026-01-01T00:00:00"], "age": [1]})
    with pytest.raises(EventLogError, match="column 'valid_from' has no time zone"):
        store.set_attributes(table)
    store.set_attributes(table, "Europe/Warsaw")
    dated = store.log().dated
    assert dated is not None
    assert dated.valid_from.tolist() == [1_767_222_000_000_000]

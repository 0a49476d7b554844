import pandas as pd
import pytest

from features.errors import StoreError
from features.ingest import Schema
from serving.store import Store
from tests.serving.test_store import frame


def test_a_field_that_changes_its_kind_is_refused_and_nothing_is_stored(store: Store) -> None:
    store.add(frame({"size": "L"}), Schema(dimensions=("size",)))
    with pytest.raises(StoreError, match="'size' has held texts so far, not numbers"):
        store.add(frame({"customer_id": "b", "event_id": "2", "size": 3.0}), Schema(measures=("size",)))
    assert store.customers() == ["a"]
    store.set_attributes(pd.DataFrame({"customer_id": ["a"], "age": [40]}))
    with pytest.raises(StoreError, match="'age' has held numbers so far, not texts"):
        store.set_attributes(pd.DataFrame({"customer_id": ["a", "b"], "age": ["old", "new"]}))
    assert store.log().attributes["age"].tolist() == [40.0]


def test_an_attribute_has_dates_or_none_for_good(store: Store) -> None:
    store.add(frame({}))
    plain = pd.DataFrame({"customer_id": ["a"], "age": [1]})
    dated = pd.DataFrame({"customer_id": ["a"], "valid_from": ["2026-01-01T00:00:00Z"], "age": [1]})
    store.set_attributes(plain)
    with pytest.raises(StoreError, match="attribute 'age' has had no dates so far and has some now; give it another"):
        store.set_attributes(dated)
    store.set_attributes(dated.rename(columns={"age": "size"}))
    with pytest.raises(StoreError, match="attribute 'size' has had dates so far and has none now; give it another"):
        store.set_attributes(plain.rename(columns={"age": "size"}))
    assert store.log().attributes["age"].tolist() == [1.0]

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import EventLogError, numbered_row
from features.ingest import Schema
from features.sources.segment_message import SegmentMessage
from serving.intake import ingest, message_row
from serving.rows import earliest_of_each_id, event_kinds, event_rows
from serving.store import Store
from tests.serving.test_store import frame, texts

HOUR = 3_600 * 10**6
START = 1_704_067_200_000_000  # 2024-01-01


def said(customer: str, hour: int = 0, **more: Any) -> SegmentMessage:
    """A message that was received at once."""
    return SegmentMessage(
        **{"kind": "track", "customer_id": customer, "timestamp": START + hour * HOUR, "known_at": START + hour * HOUR}
        | more
    )


def seen(customer: str, hour: int = 0, **more: Any) -> SegmentMessage:
    return said(customer, hour, event="Product Viewed", **more)


def test_events_are_stored_and_a_message_counts_once(store: Store) -> None:
    batch = [seen("ann", message_id="m1", channel="email", value=3), seen("ann", 1, message_id="m2", value="4.5")]
    assert ingest(store.database, [*batch, batch[0]]) == 2
    assert ingest(store.database, batch) == 0
    log = store.log(["ann"])
    assert log.time.tolist() == [START, START + HOUR]
    assert log.measures["value"].tolist() == [3.0, 4.5]
    assert texts(log, "channel") == ["email", None]


values = st.sampled_from([None, "", " ", "2.5", " 3 ", 0, 1.5, 10**15])
messages = st.builds(
    said,
    customer=st.sampled_from(["ann", "bob"]),
    event=st.sampled_from(["visit", "buy"]),
    channel=st.sampled_from([None, "web"]),
    value=values,
    message_id=st.sampled_from([None, "1", "2"]),
    known_at=st.sampled_from([None, START - HOUR, START + HOUR]),
    properties=st.fixed_dictionaries({}, optional={"size": st.sampled_from(["L", 5, 2.5]), "weight": values}),
)


@given(batch=st.lists(messages, min_size=1, max_size=6))
def test_messages_become_the_rows_of_the_same_frame(batch: list[SegmentMessage]) -> None:
    columns = ("customer_id", "event", "channel", "value", "timestamp", "known_at")
    table = pd.DataFrame([{name: getattr(each, name) for name in columns} for each in batch], dtype=object)
    for name in ("timestamp", "known_at"):
        table[name] = pd.to_datetime(table[name].astype("Int64"), unit="us", utc=True)
    table["event_id"] = pd.Series([each.message_id for each in batch], dtype=object)
    for name in ("size", "weight"):
        table[name] = pd.Series([each.properties.get(name) for each in batch], dtype=object)
    table["size"] = [None if size is None else str(size) for size in table["size"]]
    schema = Schema(dimensions=("size",), measures=("weight",))
    rows = [message_row(each, event_kinds(schema), place) for place, each in enumerate(batch)]
    assert earliest_of_each_id(rows) == event_rows(table, schema, numbered_row)


def test_a_late_event_joins_the_history_when_it_was_received(store: Store) -> None:
    ingest(store.database, [seen("ann", known_at=START + 5 * HOUR)])
    assert store.log().time.tolist() == [START + 5 * HOUR]


def test_history_joins_when_it_happened(store: Store) -> None:
    ingest(store.database, [seen("ann", known_at=None)])
    assert store.log().time.tolist() == [START]


def test_declared_properties_are_kept_and_the_others_are_not(store: Store) -> None:
    store.add(frame({"size": "L", "weight": 2.0}), Schema(dimensions=("size",), measures=("weight",)))
    ingest(store.database, [seen("ann", properties={"size": 5, "weight": "1.5", "colour": "red"})])
    log = store.log(["ann"])
    assert texts(log, "size") == ["5"]
    assert log.measures["weight"].tolist() == [1.5]
    assert log.dimensions.keys() == {"event", "channel", "size"}


def test_traits_hold_from_their_message_on(store: Store) -> None:
    ingest(store.database, [seen("ann"), said("ann", 1, attributes={"plan": "free", "seats": 3})])
    ingest(store.database, [said("ann", 2, attributes={"plan": "pro"})])
    dated = store.log().dated
    assert dated is not None
    assert dated.valid_from.tolist() == [START + HOUR, START + 2 * HOUR]
    assert dated.columns["plan"].texts().tolist() == ["free", "pro"]
    assert dated.columns["seats"].tolist() == [3.0, 3.0]


def test_a_trait_of_an_attribute_without_dates_has_none_either(store: Store) -> None:
    ingest(store.database, [seen("ann")])
    store.set_attributes(pd.DataFrame({"customer_id": ["ann"], "plan": ["free"]}))
    ingest(store.database, [said("ann", 1, attributes={"plan": "pro"})])
    log = store.log()
    assert log.dated is None
    assert log.attributes["plan"].texts().tolist() == ["pro"]


def test_a_trait_takes_the_kind_of_its_attribute_or_nothing_is_stored(store: Store) -> None:
    ingest(store.database, [seen("ann"), said("ann", attributes={"plan": "free", "seats": 3})])
    ingest(store.database, [said("ann", 1, attributes={"plan": 7, "seats": "4"})])
    dated = store.log().dated
    assert dated is not None
    assert dated.columns["plan"].texts().tolist() == ["free", "7"]
    assert dated.columns["seats"].tolist() == [3.0, 4.0]
    with pytest.raises(EventLogError, match="message 2: trait 'seats' has held numbers so far, not 'many'; rename it"):
        ingest(store.database, [seen("bob"), said("bob", attributes={"seats": "many"})])
    assert store.customers() == ["ann"]


def test_who_is_identified_keeps_what_comes_later_and_not_what_came_before(store: Store) -> None:
    ingest(store.database, [seen("cookie")])
    ingest(store.database, [said("ann", 1, previous_id="cookie")])
    ingest(store.database, [seen("cookie", 2), seen("ann", 3)])
    assert store.log(["cookie"]).time.tolist() == [START]
    assert store.log(["ann"]).time.tolist() == [START + 2 * HOUR, START + 3 * HOUR]


def test_unsubscribing_is_an_event_and_an_opt_out(store: Store) -> None:
    ingest(store.database, [said("ann", event="Unsubscribed", opts_out=True), seen("bob")])
    assert store.suppressed() == {"ann"}
    assert texts(store.log(["ann"]), "event") == ["Unsubscribed"]


def test_a_bad_message_stores_nothing_of_its_batch(store: Store) -> None:
    batch = [said("ann", attributes={"plan": "free"}), seen("ann", previous_id="cookie"), seen("bob", value="five")]
    with pytest.raises(EventLogError, match="message 3: 'value' is no number up to 1e\\+15: 'five'"):
        ingest(store.database, batch)
    assert store.customers() == []
    assert ingest(store.database, [said("ann", 1, attributes={"plan": 5})]) == 0  # the kind was not kept either

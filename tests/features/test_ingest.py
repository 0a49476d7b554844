import logging

import numpy as np
import pandas as pd
import pytest

from features.errors import EventLogError
from features.events import Dimension
from features.ingest import Schema, log_from_frame
from features.timestamps import parse_moment, to_iso

NOON, ONE, TWO = (f"2026-01-31T{hour}:00:00Z" for hour in (12, 13, 14))


def frame(**columns):
    """Returns two events, with columns added or replaced."""
    return pd.DataFrame({"customer_id": ["b", "a"], "timestamp": [NOON, ONE], "event": ["view", "buy"]} | columns)


def times(log):
    return dict(zip(log.customers[log.customer], map(to_iso, log.time), strict=True))


def texts(dimension):
    return [dimension.names[code] if code >= 0 else None for code in dimension.codes]


def test_events_are_sorted_by_customer_and_time_and_ties_keep_their_order():
    rows = [("b", ONE, "1"), ("a", TWO, "2"), ("b", NOON, "3"), ("a", TWO, "4"), ("a", NOON, "5"), ("a", TWO, "0")]
    log = log_from_frame(pd.DataFrame(rows, columns=["customer_id", "timestamp", "event"]))
    assert log.customers.tolist() == ["a", "b"]
    assert log.indptr.tolist() == [0, 4, 6]
    assert texts(log.dimensions["event"]) == ["5", "2", "4", "0", "3", "1"]


def test_the_frame_handed_in_stays_as_it_was():
    given = frame(value=["1", ""], channel=["web", None], known_at=[None, TWO])
    before = given.copy(deep=True)
    log_from_frame(given)
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category"])
def test_texts_of_any_kind_are_read_alike(dtype):
    given = frame(channel=["web", None]).astype({"customer_id": dtype, "event": dtype, "channel": dtype})
    log = log_from_frame(given)
    assert log.customers.tolist() == ["a", "b"]
    assert texts(log.dimensions["channel"]) == [None, "web"]


def test_optional_columns_that_are_absent_are_missing_everywhere():
    log = log_from_frame(frame())
    assert texts(log.dimensions["channel"]) == [None, None]
    assert np.isnan(log.measures["value"]).all()


def test_an_empty_text_is_a_missing_one():
    assert log_from_frame(frame(channel=["", "web"])).dimensions["channel"].names == ("web",)


def test_declared_dimensions_and_measures_are_kept_and_others_are_not():
    given = frame(shop=["x", "y"], points=[1, 2], other=[3, 4])
    log = log_from_frame(given, Schema(dimensions=("shop",), measures=("points",)))
    assert texts(log.dimensions["shop"]) == ["y", "x"]
    assert log.measures["points"].tolist() == [2.0, 1.0]
    assert set(log.dimensions) | set(log.measures) == {"event", "channel", "shop", "value", "points"}


def test_whole_number_ids_become_texts():
    assert log_from_frame(frame(customer_id=[10, 9])).customers.tolist() == ["10", "9"]


def test_an_event_joins_when_it_was_known_if_that_is_later():
    assert times(log_from_frame(frame(known_at=[TWO, NOON]))) == {"b": TWO, "a": ONE}


@pytest.mark.parametrize("absent", [None, np.nan, pd.NaT])
def test_an_event_without_known_at_joins_at_its_timestamp(absent):
    assert times(log_from_frame(frame(known_at=[absent, absent]))) == {"b": NOON, "a": ONE}
    assert times(log_from_frame(frame(known_at=[absent, TWO]))) == {"b": NOON, "a": TWO}


def test_a_bad_known_at_is_an_error_that_names_the_row():
    with pytest.raises(EventLogError, match="column 'known_at' cannot be read as a time in row 2: 'soon'"):
        log_from_frame(frame(known_at=[None, "soon"]))


def test_of_events_with_one_id_the_earliest_known_counts_in_any_order_of_rows(caplog):
    given = frame(customer_id=["a", "a"], event_id=["1", "1"], known_at=[TWO, ONE], event=["view", "view"])
    with caplog.at_level(logging.WARNING):
        logs = [log_from_frame(given), log_from_frame(given.iloc[::-1])]
    assert [times(log) for log in logs] == [{"a": ONE}, {"a": ONE}]
    assert "1 of 2 events repeat an earlier event_id and count once" in caplog.text


@pytest.mark.parametrize("absent", [None, "", np.nan])
def test_events_without_an_id_all_count(absent):
    assert log_from_frame(frame(event_id=[absent, absent])).n_events == 2


def test_the_end_is_the_given_one_or_the_last_event_if_later():
    assert log_from_frame(frame()).end == parse_moment(ONE)
    assert log_from_frame(frame(), end=parse_moment(TWO)).end == parse_moment(TWO)
    assert log_from_frame(frame(), end=parse_moment(NOON)).end == parse_moment(ONE)


def test_an_empty_value_is_missing_and_zero_is_not():
    log = log_from_frame(frame(value=["0", " "]))
    np.testing.assert_array_equal(log.measures["value"], [np.nan, 0.0])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            frame().rename(columns={"timestamp": "timestmp"}),
            "column 'timestamp' is missing, .* did you mean 'timestmp'",
        ),
        (frame().drop(columns="event"), "column 'event' is missing, and events need customer_id, timestamp, event;"),
        (frame().iloc[:0], "the table of events is empty; give at least one row"),
        (pd.DataFrame({"customer_id": [], "timestamp": [], "event": []}), "the table of events is empty"),
        (frame(timestamp=[NOON, "later"]), "'timestamp' cannot be read as a time in row 2: 'later'"),
        (frame(timestamp=[NOON, "2026-01-31"]), "'timestamp' has no time zone in row 2"),
        (frame(event=["view", ""]), "column 'event' is empty in row 2; every event needs one"),
        (frame(customer_id=[None, "a"]), "column 'customer_id' is empty in row 1"),
        (frame(customer_id=[1.0, 2.0]), "column 'customer_id' holds decimal numbers, such as 1.0"),
        (frame(value=["1", "1,5"]), "column 'value' is no number up to 1e\\+15 in row 2: '1,5'"),
        (frame(value=[np.inf, 1]), "column 'value' is no number up to 1e\\+15 in row 1: 'inf'; give"),
    ],
)
def test_what_cannot_be_an_event_is_an_error_that_says_where(given, sentence):
    with pytest.raises(EventLogError, match=sentence):
        log_from_frame(given)


def test_a_missing_declared_column_is_an_error_that_names_the_closest():
    with pytest.raises(EventLogError, match=r"column 'points' is missing, .*; did you mean 'point'"):
        log_from_frame(frame(point=[1, 2]), Schema(measures=("points",)))


def test_attributes_are_aligned_to_the_customers_of_the_log():
    table = pd.DataFrame({"customer_id": ["z", "b"], "age": [1, 2], "vip": [False, True], "tier": ["gold", "basic"]})
    attributes = log_from_frame(frame(), attributes=table).attributes
    np.testing.assert_array_equal(attributes["age"], [np.nan, 2.0])
    np.testing.assert_array_equal(attributes["vip"], [np.nan, 1.0])
    assert isinstance(attributes["tier"], Dimension)
    assert texts(attributes["tier"]) == [None, "basic"]


PLANS = {
    "customer_id": ["b", "z", "b", "a"],
    "valid_from": ["2026-02-01", "2026-01-01", "2026-01-01T00:00:00+02:00", "2026-03-01"],
    "plan": ["gold", "basic", "free", None],
    "fee": [9.0, 1.0, 0.0, 2.0],
}


def test_attributes_with_valid_from_are_sorted_by_customer_and_time():
    dated = log_from_frame(frame(), Schema(timezone="UTC"), pd.DataFrame(PLANS)).dated
    assert dated.indptr.tolist() == [0, 1, 3]
    assert [to_iso(moment) for moment in dated.valid_from] == [
        "2026-03-01T00:00:00Z",
        "2025-12-31T22:00:00Z",
        "2026-02-01T00:00:00Z",
    ]
    assert texts(dated.columns["plan"]) == [None, "free", "gold"]
    assert dated.columns["fee"].tolist() == [2.0, 0.0, 9.0]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"customer_id": ["a"] * 4, "valid_from": ["2026-01-01Z"] * 4}, "column 'valid_from' cannot be read as a time"),
        (
            {"valid_from": ["2026-01-01T00:00:00Z"] * 4},
            "lists customer 'b' twice with the same 'valid_from', in row 3; keep one of them",
        ),
        (
            {"valid_from": ["2026-01-01T00:00:00Z"] * 3 + [None]},
            "'valid_from' cannot be read as a time in row 4",
        ),
        ({"valid_from": ["2026-01-01"] * 4}, "column 'valid_from' has no time zone in row 1"),
    ],
)
def test_a_bad_valid_from_is_an_error(changed, sentence):
    with pytest.raises(EventLogError, match=sentence):
        log_from_frame(frame(), attributes=pd.DataFrame(PLANS | changed))


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"customer_id": ["a", "b", "a"], "age": [1, 2, 3]}, "lists customer 'a' twice, in row 3; keep one row each"),
        ({"customer": ["a"], "age": [1]}, "the attribute table has no column 'customer_id'"),
        ({"customer_id": ["a", None], "age": [1, 2]}, "column 'customer_id' is empty in row 2"),
        ({"customer_id": ["a", "b"], "age": [1, np.inf]}, "column 'age' is no number up to 1e\\+15 in row 2"),
    ],
)
def test_a_bad_attribute_table_is_an_error(table, sentence):
    with pytest.raises(EventLogError, match=sentence):
        log_from_frame(frame(), attributes=pd.DataFrame(table))


def test_an_event_in_the_future_is_an_error_that_names_its_row():
    frame = pd.DataFrame(
        {"customer_id": ["a", "a"], "timestamp": ["2026-01-01T00:00:00Z", "2126-01-01T00:00:00Z"], "event": ["x", "x"]}
    )
    now = parse_moment("2026-01-02T00:00:00Z")
    with pytest.raises(EventLogError, match="row 2 lies in the future, at 2126-01-01T00:00:00Z; correct its timestamp"):
        log_from_frame(frame, Schema(latest=now))
    assert log_from_frame(frame.head(1), Schema(latest=now)).n_events == 1


def test_a_year_that_no_calendar_of_ours_holds_is_an_error():
    frame = pd.DataFrame({"customer_id": ["a"], "timestamp": ["0001-01-01T00:00:00+14:00"], "event": ["x"]})
    with pytest.raises(EventLogError, match="row 1"):
        log_from_frame(frame)

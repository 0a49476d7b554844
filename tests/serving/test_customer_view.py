import pandas as pd
import pytest

from features.journey import load_journey
from features.timestamps import parse_moment
from serving.consents import Consent, write_consents
from serving.customer_view import describe_customer
from serving.errors import UnknownCustomerError
from serving.store import Store

DAY = 86_400 * 10**6
MARCH = parse_moment("2024-03-01T00:00:00Z")


@pytest.fixture
def shop(store: Store) -> Store:
    days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-02-20"]
    rows = [{"customer_id": "ann", "timestamp": f"{day}T00:00:00Z", "event": "purchase", "value": 5} for day in days]
    store.add(pd.DataFrame([*rows, {**rows[0], "customer_id": "bob"}]))
    return store


def test_the_stage_and_how_it_came_about(shop: Store) -> None:
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 2)
    assert (view["stage"], view["as_of"]) == ("occasional", "2024-03-01T00:00:00Z")
    assert view["timeline"] == [
        {"stage": "occasional", "entered_at": "2024-01-01T00:00:00Z", "left_at": "2024-01-04T00:00:00Z"},
        {"stage": "regular", "entered_at": "2024-01-04T00:00:00Z", "left_at": "2024-01-29T00:00:00Z"},
        {"stage": "occasional", "entered_at": "2024-01-29T00:00:00Z", "left_at": "2024-02-01T00:00:00Z"},
        {"stage": "lapsed", "entered_at": "2024-02-01T00:00:00Z", "left_at": "2024-02-20T00:00:00Z"},
        {"stage": "occasional", "entered_at": "2024-02-20T00:00:00Z", "left_at": None},
    ]
    assert view["events_total"] == 5
    assert [event["timestamp"][:10] for event in view["events"]] == ["2024-01-04", "2024-02-20"]


def test_a_window_that_ran_out_since_the_last_event_is_seen(shop: Store) -> None:
    view = describe_customer(shop, load_journey("retail"), "bob", MARCH, 0)
    assert (view["stage"], view["timeline"][-1]["stage"], view["events"]) == ("lapsed", "lapsed", [])


def test_attributes_are_those_that_hold_now(shop: Store) -> None:
    shop.set_attributes(pd.DataFrame({"customer_id": ["ann"], "age": [40]}))
    dates = ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-04-01T00:00:00Z"]
    plans = pd.DataFrame({"customer_id": "ann", "valid_from": dates, "plan": ["free", "pro", "gold"]})
    shop.set_attributes(plans)
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)
    assert view["attributes"] == {"age": 40.0, "plan": "pro"}


def test_a_decision_is_told(shop: Store) -> None:
    assert describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)["consent"] is None
    with shop.database.writing() as connection:
        write_consents(connection, [Consent("ann", "denied", 5, "form")])
    view = describe_customer(shop, load_journey("retail"), "ann", MARCH, 1)
    assert (view["consent"], view["suppressed"]) == ("denied", True)
    assert (view["stage"], view["timeline"], view["events_total"]) == (None, [], 5), (
        "events are facts, stages a profile"
    )


def test_who_has_no_events_is_unknown(shop: Store) -> None:
    with pytest.raises(UnknownCustomerError, match="no events of customer 'cid'"):
        describe_customer(shop, load_journey("retail"), "cid", MARCH, 1)

from typing import Any

import pytest

from features.errors import EventLogError
from features.sources.segment_message import SegmentMessage, read_message

MORNING, SECOND = 1_725_179_400_000_000, 10**6  # 2024-09-01 08:30
TRACK = {
    "type": "track",
    "messageId": "m1",
    "userId": "crm-7",
    "anonymousId": "anon-1",
    "timestamp": "2024-09-01T08:30:00.000Z",
    "receivedAt": "2024-09-01T08:30:02.000Z",
    "event": "Order Completed",
    "properties": {"revenue": 27.98, "total": 35.45, "currency": "EUR", "gift": True, "products": [{"sku": "1"}]},
    "context": {"campaign": {"name": "autumn", "source": "newsletter", "medium": "email"}},
}


def read(**changes: Any) -> SegmentMessage:
    return read_message(TRACK | changes)


def test_a_track_message_is_an_event() -> None:
    assert read() == SegmentMessage(
        kind="track",
        customer_id="crm-7",
        timestamp=MORNING,
        known_at=MORNING + 2 * SECOND,
        message_id="m1",
        event="Order Completed",
        channel="email",
        value=27.98,
        properties={"revenue": 27.98, "total": 35.45, "currency": "EUR", "gift": 1, "campaign": "autumn"},
    )


@pytest.mark.parametrize(
    ("kind", "event"), [("page", "Page Viewed"), ("screen", "Screen Viewed"), ("identify", None), ("group", None)]
)
def test_other_types_are_views_or_no_events(kind: str, event: str | None) -> None:
    message = read(type=kind, name="Home")
    assert message.event == event
    assert (message.channel == "email") == (event is not None)


def test_without_a_user_it_is_the_anonymous_one() -> None:
    assert read(userId=None).customer_id == "anon-1"
    assert read(userId="").customer_id == "anon-1"
    assert read(userId=42).customer_id == "42"


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        ({"revenue": 1, "total": 2, "value": 3}, 1.0),
        ({"total": 2, "value": 3}, 2.0),
        ({"revenue": None, "value": "3.5"}, 3.5),
        ({"revenue": " "}, None),
        ({"revenue": 0, "total": 2}, 0.0),
        ({}, None),
        (None, None),
    ],
)
def test_the_value_is_revenue_or_total_or_value(properties: Any, value: float | None) -> None:
    assert read(properties=properties).value == value


@pytest.mark.parametrize(
    ("campaign", "channel"),
    [({"source": "newsletter"}, "email"), ({"medium": "cpc"}, "paid"), ({"name": "autumn"}, None), ("autumn", None)],
)
def test_the_channel_is_the_medium_or_the_source(campaign: Any, channel: str | None) -> None:
    assert read(context={"campaign": campaign}).channel == channel


def test_a_clock_that_is_wrong_is_corrected_and_one_that_is_right_is_not() -> None:
    hour_ahead = {"timestamp": "2024-09-01T09:30:00Z", "sentAt": "2024-09-01T09:30:10Z"}
    received = {"receivedAt": "2024-09-01T08:30:11Z"}
    assert read(**hour_ahead, **received).timestamp == MORNING + SECOND
    assert read(sentAt="2024-09-01T08:30:01Z").timestamp == MORNING
    assert read(**hour_ahead, **received, originalTimestamp="x").timestamp == MORNING + 3_600 * SECOND


def test_what_is_known_late_is_known_late() -> None:
    assert read(receivedAt="2024-09-02T08:30:00Z").joined_at == MORNING + 86_400 * SECOND
    assert read(receivedAt="2024-09-01T08:00:00Z").joined_at == MORNING
    assert read(receivedAt=None).known_at is None
    assert read(receivedAt=None).joined_at == MORNING


def test_without_a_time_stamp_it_happened_when_it_was_received() -> None:
    assert read(timestamp=None).timestamp == MORNING + 2 * SECOND
    assert read(timestamp="1969-12-31T23:59:59.25+00:00").timestamp == -750_000


def test_traits_become_attributes_unless_they_only_say_who_it_is() -> None:
    traits = {
        "email": "a@example.com",
        "plan": "pro",
        "age": 41,
        "vip": False,
        "tags": ["x"],
        "bio": "x" * 501,
        "big": 10**400,
    }
    traits |= {"address": {"city": "Berlin", "street": "Weg 1"}, "company": {"name": "Acme", "employees": 4}}
    message = read(type="identify", traits=traits)
    assert message.attributes == {
        "plan": "pro",
        "age": 41,
        "vip": 0,
        "address_city": "Berlin",
        "company_employees": 4,
    }
    assert read(traits=traits).attributes == {}


def test_a_group_is_an_attribute_too() -> None:
    message = read(type="group", groupId="acct-9", traits={"name": "Acme", "employees": 420, "id": 1})
    assert message.attributes == {"group_id": "acct-9", "group_name": "Acme", "group_employees": 420}


def test_identify_and_alias_say_who_somebody_was_before() -> None:
    assert read(type="identify").previous_id == "anon-1"
    assert read(type="identify", userId=None).previous_id is None
    assert read(type="alias", previousId="old").previous_id == "old"
    assert read().previous_id is None


def test_unsubscribing_opts_out() -> None:
    assert read(event="Unsubscribed").opts_out
    assert not read().opts_out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "trck"}, "type 'trck' is no type of message; did you mean 'track'"),
        ({"type": None}, "type None is no type of message; known: alias, group"),
        ({"userId": None, "anonymousId": None}, "the track message has no 'userId' and no 'anonymousId'"),
        ({"event": None}, "the track message has no 'event'; give its name"),
        ({"event": ["a"]}, "'event' is no text of at most 500 characters: \"\\['a'\\]\"; correct it"),
        ({"userId": "x" * 501}, "'userId' is no text of at most 500"),
        ({"userId": "a\0"}, "'userId' is no text"),
        ({"userId": "\ud800"}, "'userId' is no text"),
        ({"userId": True}, "'userId' is no text"),
        ({"type": "alias"}, "the alias message has no 'previousId'"),
        ({"timestamp": "soon"}, "timestamp 'soon' is no time with a zone"),
        ({"timestamp": "2024-09-01T08:30:00"}, "timestamp '2024-09-01T08:30:00' is no time with a zone"),
        ({"timestamp": 1725179400}, "timestamp '1725179400' is no time with a zone"),
        ({"timestamp": None, "receivedAt": None}, "has neither 'timestamp' nor 'receivedAt'"),
        ({"properties": {"revenue": True}}, "property 'revenue' is no number up to 1e\\+15: True"),
        ({"properties": {"revenue": 10**400}}, "property 'revenue' is no number up to"),
        ({"properties": {"total": float("inf")}}, "property 'total' is no number up to"),
        ({"properties": {"value": {"amount": 5}}}, "property 'value' is no number"),
        ({"properties": {"value": "five"}}, "property 'value' is no number up to 1e\\+15: 'five'; give a number"),
    ],
)
def test_a_message_that_is_none_is_one_sentence(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(EventLogError, match=words) as caught:
        read(**changes)
    assert "\n" not in str(caught.value)


def test_money_given_back_is_never_a_purchase() -> None:
    refunded, cancelled = (
        read(event=name, properties={"total": "3"}) for name in ("Order Refunded", "Order Cancelled")
    )
    assert (refunded.value, cancelled.value) == (-3.0, -3.0)
    assert read(properties={"revenue": -3}).event == "Order Refunded"


def test_an_event_may_have_a_name_of_our_own() -> None:
    message = read_message(
        TRACK | {"event": "checkout_done", "properties": {"total": 5}}, {"checkout_done": "Order Completed"}
    )
    assert (message.event, message.value) == ("Order Completed", 5.0)

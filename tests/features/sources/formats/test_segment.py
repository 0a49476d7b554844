"""The traps of Segment's calls: copies, identities that come later, refunds, consent."""

from typing import Any

import pytest

from features.sources.formats.segment import Segment
from tests.features.sources.conftest import GOLDEN

NUMBER = iter(range(1_000_000))


def call(kind: str = "track", minute: int = 0, **changes: Any) -> dict[str, Any]:
    time = f"2024-09-01T08:{minute:02d}:00.000Z"
    base = {"type": kind, "messageId": f"m{next(NUMBER)}", "anonymousId": "anon-1", "timestamp": time}
    return base | ({"event": "Product Viewed"} if kind == "track" else {}) | changes


def test_the_sample_becomes_events_in_their_own_words(imported):
    found = imported(Segment(), GOLDEN / "segment.jsonl")
    assert found.column("event") == ["Page Viewed", "Product Viewed", "Order Completed"]
    assert found.column("customer_id") == ["crm-7"] * 3
    assert found.column("channel") == ["email"] * 3
    assert found.column("value") == [None, None, 27.98]
    assert found.column("quantity") == [None, None, 2.0]
    assert found.known == ["2024-09-01 08:30:00", "2024-09-01 08:31:00", "2024-09-01 08:35:00"]


def test_a_message_that_was_sent_twice_counts_once_from_its_first_receipt(imported, json_lines):
    early, late = (
        call(messageId="x", receivedAt=f"2024-09-01T{hour}:00:00Z", properties={"n": hour}) for hour in ("09", "11")
    )
    for rows in ((early, late), (late, early)):
        found = imported(Segment(), json_lines(*rows))
        assert found.report.merged == 1
        assert found.known == ["2024-09-01 09:00:00"]


def test_an_identity_reaches_forward_and_never_back(imported, json_lines):
    before, after = call(minute=1), call(minute=30)
    identify = call("identify", minute=10, userId="crm-7")
    for rows in ((before, identify, after), (after, identify, before)):
        found = imported(Segment(), json_lines(*rows))
        assert found.column("customer_id") == ["anon-1", "crm-7"]


def test_an_alias_reaches_forward_and_never_back(imported, json_lines):
    alias = call("alias", minute=10, previousId="anon-1", userId="crm-7")
    del alias["anonymousId"]
    found = imported(Segment(), json_lines(call(minute=1), alias, call(minute=30)))
    assert found.column("customer_id") == ["anon-1", "crm-7"]


def test_an_identity_that_was_received_late_holds_from_its_receipt(imported, json_lines):
    identify = call("identify", minute=10, userId="crm-7", receivedAt="2024-09-01T08:40:00Z")
    found = imported(Segment(), json_lines(identify, call(minute=30), call(minute=50)))
    assert found.column("customer_id") == ["anon-1", "crm-7"]


def test_a_browser_that_changes_hands_belongs_to_each_in_turn(imported, json_lines):
    rows = [call("identify", minute=minute, userId=user) for minute, user in ((0, "a"), (10, "b"), (20, "a"))]
    events = [call(minute=minute) for minute in (5, 15, 25)]
    assert imported(Segment(), json_lines(*events, *rows)).column("customer_id") == ["a", "b", "a"]


def test_what_is_known_later_changes_no_event_from_before(imported, json_lines):
    events = [call(minute=minute) for minute in range(20)]
    alone = imported(Segment(), json_lines(*events))
    more = imported(Segment(), json_lines(*events, call("identify", minute=20, userId="crm-7"), call(minute=30)))
    assert more.events[:20].equals(alone.events)


def test_money_given_back_is_never_a_purchase(imported, json_lines):
    rows = [
        call(minute=1, event="Order Refunded", properties={"total": 30}),
        call(minute=2, event="Order Cancelled", properties={"revenue": 30}),
        call(minute=3, event="Order Completed", properties={"revenue": -30}),
    ]
    found = imported(Segment(), json_lines(*rows))
    assert found.column("event") == ["Order Refunded", "Order Cancelled", "Order Refunded"]
    assert found.column("value") == [-30.0] * 3


def test_who_unsubscribes_withdraws_consent(imported, json_lines):
    rows = (call("identify", minute=0, userId="crm-7"), call(minute=5, event="Unsubscribed"))
    found = imported(Segment(), json_lines(*rows))
    assert found.consents[["customer_id", "consent_profiling"]].values.tolist() == [["crm-7", "revoked"]]
    assert found.column("channel") == ["email"]


def test_traits_become_attributes_from_their_time_on_but_not_who_somebody_is(imported, json_lines):
    rows = [
        call("identify", minute=0, userId="a", traits={"plan": "free", "seats": 3, "email": "x@example.com"}),
        call("identify", minute=9, userId="a", traits={"plan": "pro", "address": {"city": "Berlin"}, "vip": True}),
    ]
    table = imported(Segment(), json_lines(*rows)).attributes
    assert list(table.columns) == ["customer_id", "valid_from", "address_city", "plan", "seats", "vip"]
    assert table["plan"].tolist() == ["free", "pro"]
    assert table["seats"].tolist() == [3.0, 3.0]
    assert table["valid_from"].dt.minute.tolist() == [0, 9]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"type": "trick"}, "the call has an unknown type"),
        ({"timestamp": None}, "the time is missing"),
        ({"timestamp": "2024-09-01T08:00:00"}, "the time cannot be read or has no zone"),
        ({"timestamp": "soon"}, "the time cannot be read or has no zone"),
        ({"type": "alias"}, "the alias has no previousId"),
        ({"userId": "x" * 501}, "an id or a name is no text that can be stored"),
        ({"messageId": None}, "the call has no messageId"),
        ({"anonymousId": None}, "the row names no customer"),
        ({"event": ""}, "the event has no name"),
        ({"properties": {"revenue": "lots"}}, "a number cannot be read"),
        ({"properties": {"revenue": {"EUR": 3}}}, "a number cannot be read"),
    ],
)
def test_a_damaged_call_is_refused_with_its_reason(imported, json_lines, bad, reason):
    found = imported(Segment(), json_lines(call(), call() | bad, call()))
    assert (found.report.taken, found.report.refused) == (2, {reason: 1})


def test_a_group_is_an_attribute_and_a_call_that_says_nothing_is_set_aside(imported, json_lines):
    found = imported(Segment(), json_lines(call(), call("group", groupId="acct"), call("identify")))
    assert found.attributes["group_id"].tolist() == ["acct"]
    assert found.report.aside == {"identify: no event, attribute or identity": 1}


def test_an_id_that_is_known_may_become_another_one(imported, json_lines):
    alias = call("alias", minute=5, previousId="lead", userId="crm-7")
    rows = [call(minute=minute, userId="lead") for minute in (1, 9)]
    assert imported(Segment(), json_lines(*rows, alias)).column("customer_id") == ["lead", "crm-7"]

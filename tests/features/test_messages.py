import numpy as np
import pandas as pd
import pytest

from features.errors import ConfigError
from features.ingest import log_from_frame
from features.messages import MessageRules, Messages, messages

MAIL, OPENED, PUSH = "Email Delivered", "Email Opened", "Push Notification Received"


def sent(*rows: tuple[str, str, str], rules: MessageRules | None = None) -> Messages:
    frame = pd.DataFrame([*rows, ("zzz", "2024-02-01T00:00:00Z", "x")], columns=["customer_id", "timestamp", "event"])
    return messages(log_from_frame(frame), rules or MessageRules())


def test_a_message_is_answered_by_its_channel_in_time_and_before_the_next_one():
    found = sent(
        ("a", "2024-01-01T09:00:00Z", MAIL),
        ("a", "2024-01-02T09:00:00Z", MAIL),
        ("a", "2024-01-02T10:00:00Z", OPENED),
        ("a", "2024-01-10T09:00:00Z", MAIL),
        ("a", "2024-01-13T09:00:01Z", OPENED),  # a second too late
        ("a", "2024-01-20T20:00:00Z", PUSH),
        ("a", "2024-01-20T21:00:00Z", OPENED),
        ("b", "2024-01-20T20:00:00Z", MAIL),
    )
    told = [(found.channels[code], hour, bool(yes)) for code, hour, yes in
            zip(found.channel, found.hour, found.is_answered, strict=True)]  # fmt: skip
    assert told == [
        ("email", 9, False),
        ("email", 9, True),
        ("email", 9, False),
        ("email", 20, False),
        ("push", 20, False),
    ]
    assert found.customer.tolist() == [0, 0, 0, 1, 0]


def test_the_hour_is_that_of_the_zone_summer_and_winter():
    rows = (("a", "2023-07-01T09:00:00Z", MAIL), ("a", "2024-01-01T09:00:00Z", MAIL))
    assert sent(*rows, rules=MessageRules(timezone="Europe/Warsaw")).hour.tolist() == [11, 10]
    with pytest.raises(ConfigError, match="time zone 'Mars' is unknown"):
        sent(*rows, rules=MessageRules(timezone="Mars"))


def test_what_can_still_be_answered_is_left_out():
    assert sent(("a", "2024-01-30T00:00:00Z", MAIL)).customer.tolist() == []


def test_own_events_may_be_messages_and_answers():
    rules = MessageRules({"campaign_mailed": "letter"}, {"purchase": "letter"})
    rows = (("a", "2024-01-01T00:00:00Z", "campaign_mailed"), ("a", "2024-01-02T00:00:00Z", "purchase"))
    found = sent(*rows, ("a", "2024-01-03T00:00:00Z", MAIL), rules=rules)
    assert (found.channels, found.is_answered.tolist()) == (("letter",), [True])
    assert np.array_equal(found.channel, [0])

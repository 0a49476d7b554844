import json
from typing import Any

import pytest

from features.errors import EventLogError, NextstageError
from features.timestamps import parse_moment
from serving.errors import BodySizeError, MalformedBodyError, RequestError
from serving.messages import LARGEST_BATCH, LARGEST_MESSAGE, parse_batch, parse_message

NOW = parse_moment("2024-09-01T08:30:00Z")
TRACK = {"type": "track", "userId": "ann", "event": "Visited", "timestamp": "2024-09-01T08:29:00Z"}


def batch(*messages: Any, **more: Any) -> bytes:
    return json.dumps({"batch": messages, **more}).encode()


def test_the_path_says_of_which_type_a_message_is_and_the_clock_when_it_was_received() -> None:
    (message,) = parse_message(json.dumps(TRACK | {"type": "page", "receivedAt": "2020"}).encode(), "track", NOW)
    assert (message.kind, message.known_at, message.timestamp) == ("track", NOW, NOW - 60 * 10**6)


def test_messages_share_the_context_and_the_clock_of_their_batch() -> None:
    own = {"context": {"campaign": {"medium": "cpc"}}}
    sent = {"sentAt": "2024-09-01T09:30:00Z", "context": {"campaign": {"medium": "email"}}}
    first, second = parse_batch(batch(TRACK | {"timestamp": "2024-09-01T09:29:00Z"}, TRACK | own, **sent), NOW)
    assert (first.channel, second.channel) == ("email", "paid")
    assert first.timestamp == NOW - 60 * 10**6


def test_history_was_known_when_it_says_or_when_it_happened() -> None:
    late = {"receivedAt": "2024-09-01T08:29:30Z"}
    known = [message.known_at for message in parse_batch(batch(TRACK, TRACK | late), NOW, is_history=True)]
    assert known == [None, NOW - 30 * 10**6]


def test_a_day_ahead_is_a_wrong_clock_and_more_is_refused() -> None:
    parse_batch(batch(TRACK | {"timestamp": "2024-09-02T08:30:00Z"}), NOW)
    with pytest.raises(EventLogError, match=r"message 2 lies in the future, at 2024-09-02T08:30:01Z; correct its time"):
        parse_batch(batch(TRACK, TRACK | {"timestamp": "2024-09-02T08:30:01Z"}), NOW)


BAD: list[tuple[bytes, type[NextstageError], str]] = [
    (b"", MalformedBodyError, "the body is not JSON in UTF-8"),
    (b"[" * 10_000, MalformedBodyError, "nested too deeply"),
    (b'{"batch": [{"value": NaN}]}', MalformedBodyError, "NaN is no number"),
    (b"[]", RequestError, "the body is no object"),
    (b"{}", RequestError, "the body has no 'batch'; give a list of messages"),
    (batch(), RequestError, "the body has no 'batch'"),
    (batch(TRACK, "x"), RequestError, "message 2 is no object"),
    (batch(TRACK, TRACK | {"event": None}), EventLogError, "message 2: the track message has no 'event'"),
    (batch(TRACK, TRACK | {"properties": {"a": "ä" * LARGEST_MESSAGE}}), BodySizeError, r"message 2 has \d+ bytes"),
    (b" " * (LARGEST_BATCH + 1), BodySizeError, "the batch has 512001 bytes and 512000 are accepted"),
]


@pytest.mark.parametrize(("body", "kind", "words"), BAD)
def test_a_batch_that_is_none_is_one_sentence(body: bytes, kind: type[NextstageError], words: str) -> None:
    with pytest.raises(kind, match=words):
        parse_batch(body, NOW)


def test_a_message_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(BodySizeError, match=r"the message has 32769 bytes and 32768 are accepted"):
        parse_message(b"x" * (LARGEST_MESSAGE + 1), "track", NOW)

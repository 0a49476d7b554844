"""From the body of a request to the tracking API to the messages in it."""

import json
from typing import Any

from features.durations import DAY
from features.errors import EventLogError
from features.sources.segment_message import SegmentMessage, read_message
from features.timestamps import to_iso
from serving.body import parse_object
from serving.errors import BodySizeError, RequestError

LARGEST_MESSAGE = 32 * 1024  # bytes, as Segment documents
LARGEST_BATCH = 500 * 1024


def parse_message(body: bytes, kind: str, now: int) -> list[SegmentMessage]:
    """Returns the one message of a body, received at ``now`` (UTC microseconds).

    Raises
    ------
    MalformedBodyError, BodySizeError
        If the body is no JSON, or too large.
    RequestError, EventLogError
        If it is no such message.
    """
    _check_size(len(body), LARGEST_MESSAGE, "the message")
    return [_read({**parse_object(body), "type": kind, "receivedAt": to_iso(now)}, 0, now)]


def parse_batch(body: bytes, now: int, is_history: bool = False) -> list[SegmentMessage]:
    """Returns the messages of a batch, received at ``now``.

    Parameters
    ----------
    is_history
        Whether the messages were known long ago: when they say themselves, or else when they happened.

    Raises
    ------
    MalformedBodyError, BodySizeError
        If the body is no JSON, or it or a message is too large.
    RequestError, EventLogError
        If there is no batch, or something in it is no message; the error says which.
    """
    _check_size(len(body), LARGEST_BATCH, "the batch")
    envelope = parse_object(body)
    batch = envelope.get("batch")
    if not isinstance(batch, list) or not batch:
        raise RequestError("the body has no 'batch'; give a list of messages")
    shared = envelope.get("context")
    messages = []
    for place, message in enumerate(batch):
        if not isinstance(message, dict):
            raise RequestError(f"message {place + 1} is no object; give keys and values")
        if len(body) > LARGEST_MESSAGE:
            _check_size(len(json.dumps(message, ensure_ascii=False).encode()), LARGEST_MESSAGE, f"message {place + 1}")
        context = {**(shared if isinstance(shared, dict) else {}), **_mapping(message.get("context"))}
        known = {} if is_history else {"receivedAt": to_iso(now), "sentAt": envelope.get("sentAt")}
        messages.append(_read({**message, **known, "context": context}, place, now))
    return messages


def _read(message: dict[str, Any], place: int, now: int) -> SegmentMessage:
    try:
        read = read_message(message)
    except EventLogError as problem:
        raise EventLogError(f"message {place + 1}: {problem}") from None
    if read.joined_at > now + DAY:
        raise EventLogError(
            f"message {place + 1} lies in the future, at {to_iso(read.joined_at)}; correct its timestamp"
        )
    return read


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_size(size: int, most: int, what: str) -> None:
    if size > most:
        raise BodySizeError(f"{what} has {size} bytes and {most} are accepted; send less at once")

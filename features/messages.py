"""What customers were sent, by which channel and at what hour, and whether they answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from features.arrays import Bools, Codes, Ints
from features.errors import ConfigError
from features.events import EVENT, EventLog
from features.segments import positions_at, select

SENT = {"Email Delivered": "email", "Push Notification Received": "push", "SMS Delivered": "sms"}
ANSWERED = {
    "Email Opened": "email",
    "Email Link Clicked": "email",
    "Push Notification Tapped": "push",
    "SMS Link Clicked": "sms",
}


@dataclass(frozen=True)
class MessageRules:
    """Which events are messages and answers to them, each with its channel.

    Parameters
    ----------
    within
        Microseconds after a message in which an answer is one; the next message of the channel ends it as well.
    """

    sent: Mapping[str, str] = field(default_factory=lambda: SENT)
    answered: Mapping[str, str] = field(default_factory=lambda: ANSWERED)
    within: int = 3 * 86_400 * 10**6
    timezone: str = "UTC"


@dataclass(frozen=True, eq=False)
class Messages:
    """Every message.

    Parameters
    ----------
    channels
        Their names; a code is a place here.
    customer
        Whose it was: a place in the log's customers, shape (messages,).
    channel
        Its code, shape (messages,).
    hour
        Of the day at which it was sent, 0 to 23, shape (messages,).
    is_answered
        Shape (messages,).
    """

    channels: tuple[str, ...]
    customer: Ints
    channel: Codes
    hour: Ints
    is_answered: Bools


def messages(log: EventLog, rules: MessageRules) -> Messages:
    """Returns the messages of a log whose time to be answered is over.

    Raises
    ------
    ConfigError
        If the time zone is unknown.
    """
    channels = tuple(sorted(set(rules.sent.values())))
    parts = [_of_channel(log, rules, channel) for channel in channels]
    customer = log.customer.astype(np.int64)
    rows = np.concatenate([np.empty(0, dtype=np.int64), *(rows for rows, _ in parts)])
    return Messages(
        channels=channels,
        customer=customer[rows],
        channel=np.repeat(np.arange(len(channels), dtype=np.int32), [len(rows) for rows, _ in parts]),
        hour=_hours(log.time[rows], rules.timezone),
        is_answered=np.concatenate([np.empty(0, dtype=bool), *(answered for _, answered in parts)]),
    )


def _of_channel(log: EventLog, rules: MessageRules, channel: str) -> tuple[Ints, Bools]:
    event = log.dimensions[EVENT]
    sent = select(log.indptr, log.time, event.is_in([name for name, on in rules.sent.items() if on == channel]))
    said = select(log.indptr, log.time, event.is_in([name for name, on in rules.answered.items() if on == channel]))
    customer = log.customer[sent.rows].astype(np.int64)
    until = sent.time + rules.within
    again = np.flatnonzero(np.diff(customer) == 0)
    until[again] = np.minimum(until[again], sent.time[again + 1])
    answered = positions_at(said, customer, until) > positions_at(said, customer, sent.time)
    over = sent.time + rules.within <= log.end
    return sent.rows[over], answered[over]


def _hours(time: Ints, timezone: str) -> Ints:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"time zone {timezone!r} is unknown; give an IANA name, like 'Europe/Warsaw'") from None
    moments = pd.to_datetime(pd.Series(time), unit="us", utc=True).dt.tz_convert(zone)
    hours: Ints = moments.dt.hour.to_numpy(dtype=np.int64)
    return hours

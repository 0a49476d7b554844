"""Times of one row as UTC microseconds."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from features.errors import EventLogError
from features.sources.importing.records import Refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_ONLY = len("2024-01-31")
MILLISECONDS = 13  # digits of a time in milliseconds since 1970, as HubSpot writes it
WRITTEN_OUT = ("%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%b %d, %Y %H:%M:%S", "%b %d, %Y", "%d %B %Y %H:%M")
"""Ways to write a time that cannot be mistaken for one another."""


@lru_cache(maxsize=64)
def zone_named(name: str | None) -> tzinfo | None:
    """Returns a time zone; None for None.

    Raises
    ------
    EventLogError
        If there is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EventLogError(f"time zone {name!r} is unknown; give an IANA name, like 'Europe/Warsaw'") from None


def moment(text: str | None, zone: tzinfo | None = None, date_format: str | None = None) -> int:
    """Returns a time as UTC microseconds; a day without an hour counts from its end.

    Raises
    ------
    Refused
        If it is missing or cannot be read, or has no zone and none is given.

    Examples
    --------
    >>> moment("1970-01-01T01:00:00.5+01:00")
    500000
    >>> moment("1970-01-01", UTC) == 24 * 3600 * 10**6 - 10**6
    True
    """
    if not text:
        raise Refused("the time is missing")
    parsed = _parsed(text.strip(), date_format)
    if parsed.tzinfo is None:
        if zone is None:
            raise Refused("the time has no zone; name it by --timezone", text)
        parsed = localized(parsed, zone)
    return (parsed - EPOCH) // MICROSECOND


def localized(naive: datetime, zone: tzinfo) -> datetime:
    """Returns a wall-clock time in a zone; an hour that a clock change repeats counts as standard time."""
    later = naive.replace(tzinfo=zone, fold=1)
    earlier = naive.replace(tzinfo=zone, fold=0)
    skipped = (later.utcoffset() or timedelta()) > (earlier.utcoffset() or timedelta())
    return earlier if skipped else later


def fixed_zone(hours: int) -> timezone:
    """Returns a zone so many hours ahead of UTC all year."""
    return timezone(timedelta(hours=hours))


def _parsed(text: str, date_format: str | None) -> datetime:
    try:
        if date_format is not None:
            return _whole_day(datetime.strptime(text, date_format), "%H" not in date_format and "%I" not in date_format)
        if text.isdigit() and len(text) == MILLISECONDS:
            return EPOCH + timedelta(milliseconds=int(text))
        return _whole_day(datetime.fromisoformat(text), len(text) == DAY_ONLY)
    except (ValueError, OverflowError):
        if date_format is not None:
            raise Refused("the time cannot be read", text) from None
    return _written_out(text)


def _written_out(text: str) -> datetime:
    for known in WRITTEN_OUT:
        try:
            return _whole_day(datetime.strptime(text, known), "%H" not in known)
        except ValueError:
            continue
    raise Refused("the time cannot be read; say how it is written by --date-format", text)


def _whole_day(parsed: datetime, day_only: bool) -> datetime:
    return parsed + timedelta(days=1, seconds=-1) if day_only else parsed


def told(microseconds: int) -> str:
    """Returns UTC microseconds as a date to be read; a number beyond all calendars stays one."""
    try:
        return (EPOCH + microseconds * MICROSECOND).isoformat()
    except OverflowError:
        return str(microseconds)

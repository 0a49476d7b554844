"""Time at the border: aware timestamps, or a named time zone, become UTC microseconds; anything else is an error."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from features.arrays import Ints
from features.errors import EventLogError, RowName, numbered_row

ZONE_AT_END = r"(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
USUAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1900, 2261
ZONE_ADVICE = "give UTC timestamps or set 'timezone:' in nextstage.yaml"


def to_microseconds(column: pd.Series, timezone: str | None, row_name: RowName = numbered_row) -> Ints:
    """Returns a column of timestamps as UTC microseconds since 1970.

    Text must be ISO 8601. Without a zone it is read in ``timezone``; an hour that a clock change repeats counts as
    standard time, an hour that it skips is moved to the end of the gap.

    Parameters
    ----------
    column
        Timestamps: text, pandas datetimes or datetime objects; its name appears in errors.
    timezone
        An IANA zone such as ``"Europe/Warsaw"`` for timestamps that carry none.
    row_name
        How to call each row in an error.

    Raises
    ------
    EventLogError
        If a timestamp is missing, unparsable, or has no zone and ``timezone`` is not given.
    """
    stamps = column.reset_index(drop=True)
    if isinstance(stamps.dtype, pd.DatetimeTZDtype):
        parsed = stamps
    elif pd.api.types.is_datetime64_dtype(stamps.dtype):
        parsed = _localize(stamps, timezone, str(column.name))
    elif pd.api.types.is_numeric_dtype(stamps.dtype) and stamps.notna().any():
        raise EventLogError(
            f"column '{column.name}' holds numbers, such as {stamps.dropna().iloc[0]}; "
            "give ISO 8601 timestamps with a zone, like 2026-01-31T12:00:00Z"
        )
    else:
        parsed = _parse_text(stamps, timezone, str(column.name), row_name)
    missing = parsed.isna().to_numpy()
    if missing.any():
        row = int(missing.argmax())
        raise EventLogError(
            f"column '{column.name}' cannot be read as a time in {row_name(row)}: {stamps.iloc[row]!r}; "
            "give ISO 8601 timestamps, like 2026-01-31T12:00:00Z"
        )
    if len(parsed) and (parsed.min().year < FIRST_YEAR or parsed.max().year > LAST_YEAR):
        outside = ~parsed.dt.year.between(FIRST_YEAR, LAST_YEAR).to_numpy()
        row = int(outside.argmax())
        raise EventLogError(
            f"column '{column.name}' is {stamps.iloc[row]!s} in {row_name(row)}; "
            f"give times between the years {FIRST_YEAR} and {LAST_YEAR}"
        )
    utc: Ints = parsed.dt.as_unit("us").astype("int64").to_numpy()
    return utc


def parse_moment(text: str, timezone: str | None = None, name: str = "as_of") -> int:
    """Returns one timestamp as UTC microseconds; an error calls it by ``name``.

    Raises
    ------
    EventLogError
        If it cannot be read, or has no zone and ``timezone`` is not given.

    Examples
    --------
    >>> parse_moment("1970-01-01T01:00:00+01:00")
    0
    """
    moment = usual_moment(text)
    if moment is not None:
        return moment
    try:
        return int(to_microseconds(pd.Series([text], dtype=object), timezone)[0])
    except EventLogError:
        raise EventLogError(
            f"{name} {text!r} is no time with a zone from {FIRST_YEAR} to {LAST_YEAR}; write it like 2026-01-31T12:00Z"
        ) from None


def usual_moment(text: str) -> int | None:
    """Returns a timestamp in the usual form, with its zone, as UTC microseconds; None for any other, right or wrong.

    What it reads, ``to_microseconds`` reads alike, in a hundred times as long.

    Examples
    --------
    >>> usual_moment("1970-01-01 01:00:01.5+01:00"), usual_moment("1970-01-01")
    (1500000, None)
    """
    if USUAL.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    since = moment - EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    return microseconds if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def to_iso(microseconds: int) -> str:
    """Returns UTC microseconds as ISO 8601 text ending in Z.

    Examples
    --------
    >>> to_iso(1)
    '1970-01-01T00:00:00.000001Z'
    """
    return (EPOCH + timedelta(microseconds=int(microseconds))).isoformat().removesuffix("+00:00") + "Z"


def _parse_text(stamps: pd.Series, timezone: str | None, name: str, row_name: RowName) -> pd.Series:
    text = stamps.astype("str").str.strip().str.upper()  # pandas knows no small "t" and "z"
    text = text.where(text.str.match(r"\d").fillna(False))  # pandas would read "now" and "today" off the clock
    aware = text.str.contains(ZONE_AT_END, regex=True).fillna(False).to_numpy(dtype=bool)
    # a bare date ends in "-31" and would pass for an offset
    aware = aware & text.str.contains(r"\d[Tt ]\d", regex=True).fillna(False).to_numpy(dtype=bool)
    parsed = pd.Series(pd.NaT, index=stamps.index, dtype="datetime64[us, UTC]")
    parsed[aware] = pd.to_datetime(text[aware], utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
    naive = pd.to_datetime(text[~aware], format="ISO8601", errors="coerce")
    if naive.notna().any():
        if timezone is None:
            row = int(naive.index[naive.notna().to_numpy().argmax()])
            raise EventLogError(f"column '{name}' has no time zone in {row_name(row)}: {text[row]!r}; {ZONE_ADVICE}")
        parsed[~aware] = _localize(naive, timezone, name).dt.tz_convert("UTC").dt.as_unit("us")
    return parsed


def _localize(stamps: pd.Series, timezone: str | None, name: str) -> pd.Series:
    if timezone is None:
        raise EventLogError(f"column '{name}' has no time zone; {ZONE_ADVICE}")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EventLogError(f"time zone {timezone!r} is unknown; give an IANA name, like 'Europe/Warsaw'") from None
    standard_time = np.zeros(len(stamps), dtype=bool)
    return stamps.dt.tz_localize(zone, ambiguous=standard_time, nonexistent="shift_forward")

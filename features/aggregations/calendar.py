"""Where the cutoff lies in the calendar."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from typing_extensions import override

from features.aggregations.aggregation import Aggregation
from features.arrays import Floats, Ints
from features.durations import DAY, MICROSECONDS
from features.errors import FeatureError, did_you_mean
from features.history import History

UTC = "UTC"
PARTS = ("day_of_week", "day_of_month", "month", "week_of_year", "weekend", "hour")


@dataclass(frozen=True)
class Calendar(Aggregation):
    """The calendar at the cutoff: the same for every customer, and never missing.

    ``day_of_week`` counts from Monday 0, ``day_of_month``, ``month`` and ``week_of_year`` (ISO 8601) from 1, ``hour``
    from 0; ``weekend`` is 1 on Saturday and Sunday.

    Parameters
    ----------
    parts
        Which of them.
    timezone
        The IANA zone whose calendar and clock are read.

    Examples
    --------
    >>> Calendar(parts=("month", "weekend")).columns()
    ('calendar_month', 'calendar_weekend')
    """

    parts: tuple[str, ...] = PARTS
    timezone: str = UTC

    def __post_init__(self) -> None:
        super().__post_init__()
        for part in self.parts:
            if part not in PARTS:
                raise FeatureError(f"Calendar: part '{part}' is unknown; {did_you_mean(part, PARTS)}")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise FeatureError(
                f"Calendar: time zone {self.timezone!r} is unknown; give an IANA name, like 'Europe/Warsaw'"
            ) from None

    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(f"calendar_{part}" for part in self.parts)

    @override
    def compute(self, history: History) -> list[Floats]:
        cutoffs, row = np.unique(history.snapshots.cutoff, return_inverse=True)
        local = cutoffs if self.timezone == UTC else _local(cutoffs, self.timezone)
        return [_part(part, local)[row].astype(np.float64) for part in self.parts]


def _local(cutoffs: Ints, timezone: str) -> Ints:
    """Returns what a clock in the zone shows, as microseconds since it showed the beginning of 1970."""
    stamps = pd.DatetimeIndex(cutoffs.astype("datetime64[us]"), tz=UTC).tz_convert(timezone).tz_localize(None)
    shown: Ints = stamps.as_unit("us").to_numpy().astype(np.int64)
    return shown


def _part(part: str, local: Ints) -> Ints:
    day = local // DAY
    weekday = (day + 3) % 7  # 1970 began on a Thursday
    if part == "day_of_week":
        return weekday
    if part == "weekend":
        return (weekday >= 5).astype(np.int64)
    if part == "hour":
        return local % DAY // MICROSECONDS["h"]
    if part == "week_of_year":  # a week belongs to the year of its Thursday
        thursday = day - weekday + 3
        return (thursday - _start_of(thursday, "Y")) // 7 + 1
    if part == "day_of_month":
        return day - _start_of(day, "M") + 1
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def _start_of(day: Ints, unit: str) -> Ints:
    """Returns the first day of each day's month or year."""
    first: Ints = day.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype("datetime64[D]").astype(np.int64)
    return first

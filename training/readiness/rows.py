"""The rows of a table of events as they came, before any is merged, moved or refused."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.arrays import Bools, Ints
from features.durations import DAY
from features.errors import RowName, numbered_row
from features.ingest import EVENT_ID, KNOWN_AT, TIMESTAMP, EventColumns, Schema, known_times, parse_frame

NO_ID = -1


@dataclass(frozen=True, eq=False)
class Rows:
    """Parsed rows in their order.

    Parameters
    ----------
    columns
        Their ``time`` is the row's own timestamp, whenever it became known.
    known
        When each became known, UTC microseconds; None without a column ``known_at``.
    event_id
        A number for each different id, NO_ID where missing; None without a column ``event_id``.
    """

    columns: EventColumns
    known: Ints | None
    event_id: Ints | None

    def __len__(self) -> int:
        return len(self.columns.time)

    @classmethod
    def parse(cls, frame: pd.DataFrame, schema: Schema, row_name: RowName = numbered_row) -> "Rows":
        """Returns the rows of a frame, those of the future included.

        Raises
        ------
        EventLogError
            If a column is missing or a cell cannot be read.
        """
        alone = frame.drop(columns=[name for name in (EVENT_ID, KNOWN_AT) if name in frame.columns])
        columns = parse_frame(alone, replace(schema, latest=None), row_name)
        known, ids = None, None
        if KNOWN_AT in frame.columns:
            known = known_times(columns.time, frame[KNOWN_AT], schema.timezone, row_name)
        if EVENT_ID in frame.columns:
            given = frame[EVENT_ID]
            ids = pd.factorize(given.mask(given.astype("str") == ""))[0].astype(np.int64)
        return cls(columns, known, ids)

    def is_ahead(self, now: int) -> Bools:
        """Says which rows happened, or became known, more than a day after ``now``, UTC microseconds."""
        time = self.columns.time
        joined = time if self.known is None else np.maximum(time, self.known)
        return joined > now + DAY

    def timed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Returns the frame these rows were parsed from, its times no longer texts: they are read once."""
        moments = {TIMESTAMP: self.columns.time} | ({} if self.known is None else {KNOWN_AT: self.known})
        return frame.assign(**{name: pd.to_datetime(time, unit="us", utc=True) for name, time in moments.items()})

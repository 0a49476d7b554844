import numpy as np
import pandas as pd
import pytest

from features.errors import EventLogError
from features.ingest import Schema, log_from_frame
from tests.training.readiness.conftest import NOW, START
from training.readiness.rows import NO_ID, Rows


def frame(**columns: list[object]) -> pd.DataFrame:
    number = len(next(iter(columns.values())))
    given = {"customer_id": ["a"] * number, "timestamp": ["2024-01-01T10:00:00Z"] * number, "event": ["buy"] * number}
    return pd.DataFrame(given | columns)


def test_repeated_ids_and_late_rows_stay_where_they_came() -> None:
    late = ["2024-01-03T10:00:00Z", None, None]
    table = frame(event_id=["x", "x", None], known_at=late, value=[1.0, 2.0, 3.0])
    rows = Rows.parse(table, Schema("UTC"))
    assert rows.event_id is not None
    assert rows.known is not None
    assert rows.columns.measures["value"].tolist() == [1.0, 2.0, 3.0]
    assert rows.event_id.tolist() == [0, 0, NO_ID]
    assert ((rows.known - rows.columns.time) / 86_400_000_000).tolist() == [2.0, 0.0, 0.0]


def test_rows_of_the_future_are_read_and_told() -> None:
    ahead = (pd.Timestamp(NOW, unit="us", tz="UTC") + pd.Timedelta(hours=25)).isoformat()
    known_ahead = frame(timestamp=[ahead, START.isoformat(), START.isoformat()], known_at=[None, ahead, None])
    assert Rows.parse(known_ahead, Schema(latest=NOW)).is_ahead(NOW).tolist() == [True, True, False]


def test_a_row_that_cannot_be_read_is_an_error_with_its_name() -> None:
    with pytest.raises(EventLogError, match="in line 7"):
        Rows.parse(frame(timestamp=["soon"]), Schema(), lambda row: f"line {row + 7}")


def test_times_that_are_read_once_give_the_same_log(events: pd.DataFrame) -> None:
    known = events["timestamp"] + pd.Timedelta(days=1)
    table = events.assign(known_at=known.where(known.dt.day > 3)).astype({"timestamp": "str", "known_at": "str"})
    table["known_at"] = table["known_at"].mask(table["known_at"] == "NaT")
    timed = Rows.parse(table, Schema()).timed(table)
    assert log_from_frame(timed).fingerprint() == log_from_frame(table).fingerprint()
    assert np.issubdtype(timed["timestamp"].dt.tz_localize(None).dtype, np.datetime64)

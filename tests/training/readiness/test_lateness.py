import numpy as np
import pandas as pd

from features.ingest import Schema
from tests.training.readiness.conftest import NOW, only
from training.readiness.finding import Verdict
from training.readiness.lateness import future, lateness
from training.readiness.rows import Rows


def rows(events: pd.DataFrame, lag_days: float | list[float]) -> Rows:
    known = events["timestamp"] + pd.to_timedelta(np.resize(lag_days, len(events)), unit="D")
    return Rows.parse(events.assign(known_at=known), Schema())


def test_a_log_without_known_at_says_so(events: pd.DataFrame) -> None:
    (found,) = lateness(Rows.parse(events, Schema()))
    assert "no column known_at" in found.sentence


def test_late_events_are_counted_with_the_quantiles_of_their_delay(events: pd.DataFrame) -> None:
    found = only(lateness(rows(events, [0.5, 0.5, 0.5, 3.0])), "late events")
    assert found.verdict is Verdict.WARNING
    assert found.numbers["late"] == len(events) // 4
    assert found.numbers["lag_days"] == {"q50": 0.5, "q90": 3.0, "q99": 3.0}


def test_hours_of_delay_are_fine(events: pd.DataFrame) -> None:
    (found,) = lateness(rows(events, [0.0, 0.2, 0.9]))
    assert found.verdict is Verdict.OK


def test_events_known_before_they_happened_point_to_a_wrong_clock(events: pd.DataFrame) -> None:
    found = only(lateness(rows(events, [-0.1, 0.1])), "late events")
    assert found.verdict is Verdict.WARNING
    assert "which clock is wrong" in found.sentence


def test_a_history_known_all_at_once_is_a_load(events: pd.DataFrame) -> None:
    loaded = Rows.parse(events.assign(known_at="2024-12-24T03:00:00Z"), Schema())
    found = only(lateness(loaded), "known all at once")
    assert found.verdict is Verdict.WARNING
    assert found.numbers == {"day": "2024-12-24", "share": 1.0}


def test_events_of_the_future_block_from_a_day_on(events: pd.DataFrame) -> None:
    now = int(events["timestamp"].max().timestamp() * 1e6)
    read = Rows.parse(events, Schema())
    day = 86_400_000_000
    for clock, verdict in ((now, Verdict.OK), (now - day, Verdict.WARNING), (now - day - 1, Verdict.BLOCKS)):
        (found,) = future(read, clock)
        assert found.verdict is verdict
    assert found.numbers["more_than_a_day"] == 1


def test_events_known_in_the_future_block_as_well(events: pd.DataFrame) -> None:
    known = events.assign(known_at=[None] * (len(events) - 1) + [pd.Timestamp(NOW, unit="us", tz="UTC").isoformat()])
    now = int(events["timestamp"].max().timestamp() * 1e6)
    (found,) = future(Rows.parse(known, Schema()), now)
    assert found.verdict is Verdict.BLOCKS
    assert found.numbers == {"rows": 1, "more_than_a_day": 1}

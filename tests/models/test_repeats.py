import numpy as np
import pandas as pd
import pytest

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import load_journey
from features.snapshots import Snapshots
from features.timestamps import parse_moment
from models.repeats import repeat_purchases, repeat_value

EVENTS = """
a,2024-01-01T09:00:00Z,purchase,10
a,2024-01-01T18:00:00Z,purchase,5
a,2024-01-08T23:59:59Z,purchase,20
a,2024-01-09T00:00:00Z,purchase,30
a,2024-01-09T08:00:00Z,purchase,2
a,2024-01-10T08:00:00Z,purchase,-2
a,2024-01-10T08:00:00Z,visit,
b,2024-01-02T08:00:00Z,visit,
b,2024-01-05T08:00:00Z,purchase,
c,2024-01-02T08:00:00Z,visit,
"""


@pytest.fixture(scope="module")
def log() -> EventLog:
    rows = [line.split(",") for line in EVENTS.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "event", "value"])
    return log_from_frame(frame.assign(value=pd.to_numeric(frame["value"])))


def at(log: EventLog, moment: str) -> tuple[list[float], list[float], list[float], list[float]]:
    now, journey = Snapshots.at(log, parse_moment(moment)), load_journey("retail")
    known = repeat_purchases(log, journey, now)
    value = repeat_value(log, journey, now)
    return known.frequency.tolist(), known.recency.tolist(), known.age.tolist(), value.tolist()


def test_purchases_of_one_day_are_one_and_refunds_are_none(log: EventLog) -> None:
    frequency, recency, age, value = at(log, "2024-01-11T12:00:00Z")
    assert (frequency[0], recency[0], age[0], value[0]) == (2.0, 8.0, 10.0, (20 + 30 + 2) / 2)
    assert (frequency[1], recency[1], age[1]) == (0.0, 0.0, 6.0)
    assert np.isnan([value[1], frequency[2], recency[2], age[2], value[2]]).all()


def test_nothing_after_the_cutoff_is_read(log: EventLog) -> None:
    frequency, recency, age, value = at(log, "2024-01-09T00:00:00Z")
    assert (frequency[0], recency[0], age[0], value[0]) == (2.0, 8.0, 8.0, 25.0)
    frequency, recency, age, value = at(log, "2024-01-08T23:59:58Z")
    assert (frequency[0], recency[0], age[0]) == (0.0, 0.0, 7.0)
    assert np.isnan(at(log, "2023-12-31T00:00:00Z")).all()


def test_time_in_weeks(log: EventLog) -> None:
    now = Snapshots.at(log, parse_moment("2024-01-15T00:00:00Z"))
    weeks = repeat_purchases(log, load_journey("retail"), now).per(7.0)
    assert (weeks.frequency[0], weeks.recency[0], weeks.age[0]) == pytest.approx((2.0, 8 / 7, 2.0))

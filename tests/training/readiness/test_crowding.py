import numpy as np
import pandas as pd
import pytest

from features.ingest import log_from_frame
from tests.training.readiness.conftest import START, only
from training.readiness.crowding import busiest_day, crowding, plausible_limit
from training.readiness.finding import Verdict

ALL, DAILY = "events of one customer", "events of one customer on one day"


def robot(number: int, days: float) -> pd.DataFrame:
    moments = START + pd.to_timedelta(np.linspace(0, days, number, endpoint=False), unit="D")
    return pd.DataFrame({"customer_id": "robot", "timestamp": moments, "event": "visit"})


def test_real_customers_are_plausible(events: pd.DataFrame) -> None:
    assert [found.verdict for found in crowding(log_from_frame(events))] == [Verdict.OK, Verdict.OK]


def test_a_robot_is_named(events: pd.DataFrame) -> None:
    findings = crowding(log_from_frame(pd.concat([events, robot(20_000, 290)], ignore_index=True)))
    found = only(findings, ALL)
    assert found.verdict is Verdict.WARNING
    assert "'robot' 20,000" in found.sentence
    assert found.numbers["customers"] == 1


def test_so_is_one_that_is_busy_on_a_single_day(events: pd.DataFrame) -> None:
    findings = crowding(log_from_frame(pd.concat([events, robot(90, 1)], ignore_index=True)))
    assert only(findings, ALL).verdict is Verdict.OK
    assert only(findings, DAILY).verdict is Verdict.WARNING


@pytest.mark.parametrize("seed", range(5))
def test_heavy_buyers_are_no_robots(seed: int) -> None:
    counts = np.ceil(np.random.default_rng(seed).lognormal(3, 1.2, 50_000)).astype(np.int64)
    assert counts.max() < plausible_limit(counts, 100)


def test_the_busiest_day_is_counted_per_customer() -> None:
    days = [0, 0, 1, 0, 2, 2, 2]
    frame = pd.DataFrame({"customer_id": list("aaabbbb"), "event": "visit", "timestamp": START})
    frame["timestamp"] += pd.to_timedelta(days, unit="D")
    assert busiest_day(log_from_frame(frame)).tolist() == [2, 3]

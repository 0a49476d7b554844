import numpy as np

from features.arrays import Ints
from tests.training.readiness.conftest import daily_log, only
from training.readiness.drops import drops, weekly
from training.readiness.finding import Finding, Verdict


def found_in(visits: Ints, purchases: Ints | None = None) -> Finding:
    bought = np.full(len(visits), 10) if purchases is None else purchases
    return only(drops(daily_log({"visit": visits, "purchase": bought})), "sudden drops of events")


def stopped(at: int, to: int = 0, each: int = 30, length: int = 140) -> Ints:
    counts = np.full(length, each)
    counts[at:] = to
    return counts


def test_an_event_that_stops_is_named_with_the_week() -> None:
    found = found_in(stopped(98))
    assert found.verdict is Verdict.WARNING
    assert found.numbers["drops"] == [{"event": "visit", "week": "2024-04-07", "usual": 210.0, "events": 1}]


def test_a_slow_end_and_half_as_many_are_no_drop() -> None:
    slow = np.round(30 * 0.97 ** np.arange(140)).astype(np.int64)
    assert found_in(slow).verdict is Verdict.OK
    assert found_in(stopped(98, to=15)).verdict is Verdict.OK


def test_one_quiet_week_is_no_drop() -> None:
    counts = np.full(140, 30)
    counts[98:105] = 0
    assert found_in(counts).verdict is Verdict.OK


def test_campaigns_that_come_and_go_do_not_drop() -> None:
    counts = np.zeros(280, dtype=np.int64)
    for start in range(0, 280, 28):
        counts[start : start + 14] = 100
    assert found_in(counts, np.full(280, 10)).verdict is Verdict.OK


def test_a_hole_of_everything_is_no_drop_of_one_kind() -> None:
    counts = np.full(140, 30)
    counts[91:112] = 0
    assert found_in(counts, counts).verdict is Verdict.OK


def test_a_short_log_is_not_judged() -> None:
    found = found_in(np.full(60, 30))
    assert found.verdict is Verdict.OK
    assert "not judged" in found.sentence


def test_weeks_are_whole_and_end_with_the_log() -> None:
    log = daily_log({"visit": np.arange(1, 24)})
    counts = weekly(log, log.dimensions["event"])
    assert counts.shape == (1, 3)
    ends = [int((log.time > log.end - (weeks + 1) * 7 * 86_400_000_000).sum()) for weeks in range(3)]
    assert counts[0, ::-1].cumsum().tolist() == ends

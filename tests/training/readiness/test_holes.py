import numpy as np
import pytest

from features.arrays import Ints
from tests.training.readiness.conftest import daily_log, only
from training.readiness.finding import Finding, Verdict
from training.readiness.holes import expected_events, holes

HOLES, LAST = "days without events", "last day"


def found_in(counts: Ints) -> Finding:
    return only(holes(daily_log({"purchase": counts})), HOLES)


def without(days: slice, each: int = 20, length: int = 120) -> Ints:
    counts = np.full(length, each)
    counts[days] = 0
    return counts


def test_one_lost_day_is_a_hole() -> None:
    found = found_in(without(slice(60, 61)))
    assert found.verdict is Verdict.WARNING
    assert found.numbers["holes"] == [{"from": "2024-03-01", "to": "2024-03-01", "expected": 20}]


def test_a_hole_is_found_however_long_it_is() -> None:
    (hole,) = found_in(without(slice(50, 110), length=160)).numbers["holes"]
    assert hole == {"from": "2024-02-20", "to": "2024-04-19", "expected": 1200}


def test_a_week_of_a_quiet_log_is_a_hole_and_a_day_is_none() -> None:
    assert found_in(without(slice(60, 67), each=2)).verdict is Verdict.WARNING
    assert found_in(without(slice(60, 61), each=2)).verdict is Verdict.OK


def test_a_shop_closed_on_sundays_has_no_hole() -> None:
    counts = np.full(120, 40)
    counts[6::7] = 0  # 2024-01-01 was a Monday
    assert found_in(counts).verdict is Verdict.OK
    counts[60] = 0
    assert [hole["from"] for hole in found_in(counts).numbers["holes"]] == ["2024-03-01"]


def test_a_log_that_begins_with_a_few_events_has_no_hole_before_the_many() -> None:
    counts = without(slice(1, 40), length=160)
    counts[0] = 3
    assert found_in(counts).verdict is Verdict.OK


@pytest.mark.parametrize("seed", range(3))
def test_chance_makes_no_hole(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(1.5, 400)
    counts[0], counts[-1] = 1, 1
    assert found_in(counts).verdict is Verdict.OK


def test_a_hole_just_before_the_end_is_found() -> None:
    assert found_in(without(slice(116, 118))).numbers["holes"][0]["expected"] == 40


def test_what_is_expected_is_the_lower_median_of_the_day_of_the_week() -> None:
    counts = np.tile([10, 20, 30, 40, 50, 60, 70], 12)
    counts[7 * 7 :] *= 2  # from the seventh week on twice as many
    counts[6 * 7 : 6 * 7 + 2] = 0
    assert expected_events(counts, 6 * 7, 6 * 7 + 2) == 30.0


def test_a_last_day_with_less_than_half_of_the_usual_is_not_over() -> None:
    for came, verdict in ((9, Verdict.WARNING), (10, Verdict.OK)):
        counts = np.full(60, 20)
        counts[-1] = came
        found = only(holes(daily_log({"purchase": counts})), LAST)
        assert found.verdict is verdict
        assert found.numbers == {"day": "2024-02-29", "events": came, "usual": 20.0}

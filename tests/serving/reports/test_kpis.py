import numpy as np
import pytest

from features.durations import DAY
from features.events import EventLog
from features.journey import Journey
from features.timestamps import to_iso
from serving.reports.journey_map import journey_map
from serving.reports.kpis import known_periods, kpis
from serving.reports.observed import Observed, observe


def test_weeks_count_what_happened_in_them(log: EventLog, journey: Journey, observed: Observed, cutoff: int) -> None:
    found, week = kpis(observed, journey), 7 * DAY
    assert found.weeks[-1] == to_iso(cutoff)
    is_purchase = log.dimensions["event"].is_in(["purchase"])
    for back in (0, 3, 9):
        inside = (log.time > cutoff - (back + 1) * week) & (log.time <= cutoff - back * week) & is_purchase
        place = -1 - back
        assert found.lines["purchases"]["all"]["all"][place] == inside.sum()
        assert found.lines["revenue"]["all"]["all"][place] == pytest.approx(np.nansum(log.measures["value"][inside]))
        assert found.lines["active"]["all"]["all"][place] == len(np.unique(log.customer[inside]))


def test_stages_and_channels_divide_the_purchases(observed: Observed, journey: Journey) -> None:
    lines = kpis(observed, journey).lines["purchases"]
    for by in ("stage", "channel"):
        total = np.sum(list(lines[by].values()), axis=0)
        np.testing.assert_array_equal(total, lines["all"]["all"])


def test_the_last_churn_rate_is_that_of_the_map(observed: Observed, journey: Journey) -> None:
    lines, shown = kpis(observed, journey).lines["churn"], journey_map(observed, journey)
    for stage in shown.stages:
        assert lines["stage"][stage.name][-1] == stage.churn_rate


def test_a_short_history_has_one_period(log: EventLog, journey: Journey) -> None:
    early = observe(log, journey, log.start + DAY)
    assert known_periods(early) == 1
    assert len(kpis(early, journey).weeks) == 4

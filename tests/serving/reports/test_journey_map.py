from collections import Counter

import numpy as np
import pandas as pd
import pytest

from features.durations import DAY
from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey
from features.timeline import stage_timeline
from models.scores import Scores
from serving.reports.expected import Expected
from serving.reports.journey_map import journey_map, population, transitions
from serving.reports.observed import PERIOD, Observed, observe

PERIODS = (0, 1, 4)


@pytest.mark.parametrize("period", PERIODS)
def test_stages_sum_to_all_customers_and_to_what_came_and_went(
    observed: Observed, journey: Journey, period: int
) -> None:
    shown = journey_map(observed, journey, period)
    assert sum(stage.customers for stage in shown.stages) == shown.customers
    for stage in shown.stages:
        assert stage.customers == stage.customers_before + stage.entries - stage.exits


def test_the_present_populations_are_those_of_the_scores(observed: Observed, journey: Journey, scores: Scores) -> None:
    counted = Counter(scores.stage_current.tolist())
    shown = journey_map(observed, journey)
    assert {stage.name: stage.customers for stage in shown.stages} == {
        name: counted.get(name, 0) for name in journey.stage_names
    }
    assert shown.customers == len(scores)


@pytest.mark.parametrize("period", PERIODS)
def test_moves_are_the_transitions_of_the_timeline(
    log: EventLog, journey: Journey, observed: Observed, cutoff: int, period: int
) -> None:
    table = stage_timeline(log, journey).frame(log, journey)
    entered = pd.to_datetime(table["entered_at"], format="ISO8601").astype("int64").to_numpy()
    end = cutoff - period * PERIOD
    came = table.groupby("customer_id")["stage"].shift()
    rows = (entered > end - PERIOD) & (entered <= end)
    brute = Counter(zip(came[rows].fillna("new"), table["stage"][rows], strict=True))
    matrix, sources = transitions(observed, journey, period), (*journey.stage_names, "new")
    found = {
        (source, target): int(matrix[i, j])
        for i, source in enumerate(sources)
        for j, target in enumerate(journey.stage_names)
        if matrix[i, j]
    }
    assert found == dict(brute)
    assert sum(found.values()) > 0


def test_what_is_predicted_sums_to_all_customers(observed: Observed, journey: Journey, expected: Expected) -> None:
    shown = journey_map(observed, journey, 0, expected)
    for horizon in expected.horizons:
        there = [stage.predicted[horizon] for stage in shown.stages if stage.predicted]
        assert sum(each["customers"] for each in there) == pytest.approx(shown.customers)
        assert all(0 <= each["inflow"] <= each["customers"] + 1e-9 for each in there)


def test_a_past_period_predicts_nothing(observed: Observed, journey: Journey, expected: Expected) -> None:
    assert all(stage.predicted is None for stage in journey_map(observed, journey, 1, expected).stages)


def test_groups_sum_to_everybody(observed: Observed, journey: Journey) -> None:
    half = np.arange(len(observed.customers)) % 2 == 0
    parts = [journey_map(observed.take(chosen), journey) for chosen in (half, ~half)]
    whole = journey_map(observed, journey)
    for place, stage in enumerate(whole.stages):
        assert stage.customers == sum(part.stages[place].customers for part in parts)
        assert stage.entries == sum(part.stages[place].entries for part in parts)
        assert stage.churn_asked == sum(part.stages[place].churn_asked for part in parts)


def story(*events: tuple[str, float, str, float]) -> pd.DataFrame:
    """Returns events so many days before the end of May 2024."""
    end = pd.Timestamp("2024-05-31T00:00:00Z")
    rows = [(who, end - pd.Timedelta(days=ago), what, "web", value) for who, ago, what, value in events]
    return pd.DataFrame(rows, columns=["customer_id", "timestamp", "event", "channel", "value"])


def test_a_small_story_is_told_as_it_was(journey: Journey) -> None:
    frame = story(
        ("ann", 40.0, "purchase", 5.0),  # occasional for 28 days until 12 days ago, then lapsed
        ("bob", 10.0, "campaign_mailed", 0.0),
        ("bob", 4.0, "purchase", 5.0),  # reached for 6 days
        ("bob", 3.0, "NPS Answered", 10.0),
        ("bob", 2.0, "NPS Answered", 2.0),
        ("bob", 1.0, "csat_answered", 4.0),
    )
    end = pd.Timestamp("2024-05-31T00:00:00Z").value // 1000
    shown = journey_map(observe(log_from_frame(frame), journey, end), journey)
    stages = {stage.name: stage for stage in shown.stages}
    assert (stages["lapsed"].customers, stages["occasional"].customers) == (1, 1)
    assert (stages["occasional"].entries, stages["occasional"].exits, stages["occasional"].median_days) == (1, 1, 28.0)
    assert (stages["reached"].moved_on, stages["reached"].median_days) == (1.0, 6.0)
    assert stages["occasional"].moved_on == 0.0
    assert stages["loyal"].moved_on is None
    assert (stages["occasional"].nps, stages["occasional"].nps_answers, stages["occasional"].csat) == (0.0, 2, 4.0)
    assert dict(stages["occasional"].touchpoints) == {"NPS Answered": 2, "purchase": 1, "csat_answered": 1}
    assert (stages["occasional"].churn_rate, stages["occasional"].churn_asked) == (1.0, 1)


def test_who_has_no_event_yet_counts_as_lapsed(journey: Journey) -> None:
    frame = story(("ann", 40.0, "purchase", 5.0), ("eve", 1.0, "purchase", 5.0))
    moment = pd.Timestamp("2024-05-31T00:00:00Z").value // 1000 - 5 * DAY
    counts = population(observe(log_from_frame(frame), journey, moment), journey, moment)
    assert counts.tolist() == [2, 0, 0, 0, 0]

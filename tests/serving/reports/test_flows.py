from itertools import pairwise

import pytest

from features.journey import Journey
from serving.reports.expected import Expected
from serving.reports.flows import flows
from serving.reports.journey_map import journey_map
from serving.reports.observed import Observed


def test_flows_into_a_stage_are_its_entries_and_out_of_it_its_exits(
    observed: Observed, journey: Journey, expected: Expected
) -> None:
    found = flows(observed, journey, expected, 3)
    for period in range(3):
        moves = found.past_by_period[period]
        for stage in journey_map(observed, journey, period).stages:
            assert sum(flow.customers for flow in moves if flow.target == stage.name) == stage.entries
            assert sum(flow.customers for flow in moves if flow.source == stage.name) == stage.exits
    assert found.past == found.past_by_period[0]


def test_predicted_flows_and_stays_are_all_customers(observed: Observed, journey: Journey, expected: Expected) -> None:
    found = flows(observed, journey, expected)
    for horizon, moves in found.predicted.items():
        assert sum(flow.customers for flow in moves) + sum(found.stays[horizon].values()) == pytest.approx(
            len(observed.customers)
        )
        assert all(flow.source != flow.target for flow in moves)


def test_the_funnel_only_narrows_and_its_drops_are_what_is_missing(
    observed: Observed, journey: Journey, expected: Expected
) -> None:
    steps = flows(observed, journey, expected).funnel
    assert [step.name for step in steps] == list(journey.stage_names[1:])
    for step, after in pairwise(steps):
        assert after.reached <= step.reached
        assert step.dropped == pytest.approx(1.0 - after.reached / step.reached)
    assert steps[-1].dropped is None

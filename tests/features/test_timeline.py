from dataclasses import replace

import pytest
from hypothesis import given, settings

from features.journey import Journey, Rule, Stage
from features.snapshots import Snapshots
from features.timeline import stage_events, stage_timeline
from features.timestamps import to_iso
from tests import oracles
from tests.laws import CUSTOMERS, START, STEP, Row, World, worlds


def world_of(*events, policy="furthest", end=40):
    """Returns one customer with (step, event) rows who looks within a day and buys within two."""
    rows = tuple(Row("ann", START + step * STEP, event, None, 1.0, 1.0) for step, event in events)
    stages = (
        Stage(name="looks", rules=(Rule(events=("view",), within="1d"),)),
        Stage(name="buys", rules=(Rule(events=("buy",), within="2d"),)),
    )
    journey = Journey(name="shop", stage=policy, activity=("buy",), purchase=("buy",), stages=stages)
    return World(rows, journey, asked=(), end=START + end * STEP, tiers=(None,) * 3, ages=(0.0,) * 3)


def visits(world):
    log = world.log()
    frame = stage_timeline(log, world.journey).frame(log, world.journey)
    left = frame["left_at"].astype(object).where(frame["left_at"].notna(), None)
    return list(zip(frame["stage"], frame["entered_at"], left, strict=True))


def at(step):
    return to_iso(START + step * STEP)


@pytest.mark.parametrize("policy", ["furthest", "latest"])
@settings(max_examples=50)
@given(data=worlds())
def test_the_timeline_tells_the_stage_of_the_rules_at_any_moment(policy, data):
    world = replace(data, journey=data.journey.model_copy(update={"stage": policy}))
    log = world.log()
    snapshots = world.snapshots(log)
    expected = [oracles.stage_at(world.history(name), world.journey, moment) for name, moment in world.asked]
    assert stage_timeline(log, world.journey).stage_at(snapshots.customer, snapshots.cutoff).tolist() == expected


@given(world=worlds())
def test_the_timeline_holds_every_change_and_nothing_else(world):
    timeline = stage_timeline(world.log(), world.journey)
    for place, name in enumerate(CUSTOMERS):
        found = slice(timeline.indptr[place], timeline.indptr[place + 1])
        history = world.history(name)
        until = max(oracles.changing_moments(history, world.journey), default=START)
        expected = oracles.stage_entries(history, world.journey, until)
        assert list(zip(timeline.entered_at[found], timeline.stage[found], strict=True)) == expected


@given(world=worlds())
def test_the_events_of_a_stage_are_those_its_rules_count(world):
    log = world.log()
    for name in world.journey.stage_names[1:]:
        expected = sum(
            len(oracles.Past(world.history(customer), world.journey, 0, {}).group("stage", name))
            for customer in CUSTOMERS
        )
        assert stage_events(log, world.journey, name).sum() == expected


def test_a_stage_is_entered_at_its_event_and_left_when_the_window_has_passed():
    assert visits(world_of((0, "view"))) == [("looks", at(0), at(4)), ("lapsed", at(4), None)]


def test_the_furthest_stage_wins_until_its_window_has_passed():
    visited = visits(world_of((0, "buy"), (6, "view")))
    assert visited == [("buys", at(0), at(8)), ("looks", at(8), at(10)), ("lapsed", at(10), None)]


def test_the_latest_stage_wins_although_a_further_one_holds():
    visited = visits(world_of((0, "buy"), (6, "view"), policy="latest"))
    assert visited == [("buys", at(0), at(6)), ("looks", at(6), at(10)), ("lapsed", at(10), None)]


@pytest.mark.parametrize(("first", "second"), [("buy", "view"), ("view", "buy")])
def test_of_two_events_at_one_time_the_later_row_is_the_latest(first, second):
    visited = visits(world_of((0, first), (0, second), policy="latest"))
    assert visited[0][0] == {"view": "looks", "buy": "buys"}[second]


def test_an_event_of_no_stage_opens_the_timeline_lapsed():
    assert visits(world_of((0, "noise"), (1, "view"), end=2)) == [("lapsed", at(0), at(1)), ("looks", at(1), None)]


def test_the_frame_ends_with_the_log():
    assert visits(world_of((0, "view"), end=3)) == [("looks", at(0), None)]
    assert visits(world_of((0, "view"), end=4))[0] == ("looks", at(0), at(4))


def test_a_log_without_events_has_an_empty_timeline():
    world = world_of()
    log = world.log()
    assert visits(world) == []
    everyone = Snapshots.at(log, START)
    stages = stage_timeline(log, world.journey).stage_at(everyone.customer, everyone.cutoff)
    assert stages.tolist() == [0, 0, 0]

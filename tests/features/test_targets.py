import math

import pytest

from features.errors import FeatureError
from features.journey import Journey, Rule, Stage
from features.targets import KINDS, NO_LABEL, Churn, NextEvent, NextStage, Purchase, target_from_dict
from tests.laws import START, STEP, Row, World

JOURNEY = Journey(
    name="shop",
    activity=("view", "buy"),
    purchase=("buy",),
    refund=("refund",),
    stages=(
        Stage(name="looks", rules=(Rule(events=("view",), within="1d"),)),
        Stage(name="buys", rules=(Rule(events=("buy",), within="2d"),)),
    ),
)


def label(target, *rows, cutoff=4, end=40):
    """Returns the label of one customer with (step, event) or (step, event, value) rows of six hours."""
    listed = tuple(Row("ann", START + step * STEP, event, None, *rest or (1.0,), 1.0) for step, event, *rest in rows)
    asked = (("ann", START + cutoff * STEP),)
    world = World(listed, JOURNEY, asked, end=START + end * STEP, tiers=(None,) * 3, ages=(0.0,) * 3)
    log = world.log()
    return target.labels(log, JOURNEY, world.snapshots(log), target.horizons[-1])[0]


def test_an_event_at_the_cutoff_is_not_in_the_horizon():
    assert label(Purchase(("1d",)), (4, "buy")) == 0


def test_an_event_at_the_end_of_the_horizon_is_in_it():
    assert label(Purchase(("1d",)), (8, "buy")) == 1
    assert label(Purchase(("1d",)), (9, "buy")) == 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_horizon_that_passes_the_end_of_the_log_has_no_label(kind):
    rows = ((4, "view"), (5, "buy"))
    assert label(KINDS[kind](("1d",)), *rows, end=7) == NO_LABEL
    assert label(KINDS[kind](("1d",)), *rows, end=8) != NO_LABEL


@pytest.mark.parametrize(("value", "bought"), [(1.0, 1), (0.0, 1), (math.nan, 1), (-1.0, 0)])
def test_a_purchase_of_negative_value_is_none(value, bought):
    assert label(Purchase(("1d",)), (5, "buy", value)) == bought


def test_a_refund_is_no_purchase():
    assert label(Purchase(("1d",)), (5, "refund")) == 0


def test_churn_is_asked_only_after_activity_in_one_horizon():
    assert label(Churn(("1d",)), (0, "view")) == NO_LABEL
    assert label(Churn(("1d",)), (1, "view")) == 1
    assert label(Churn(("1d",)), (4, "view"), (8, "buy")) == 0
    assert label(Churn(("1d",)), (4, "mail")) == NO_LABEL


def test_the_next_stage_is_the_first_one_entered():
    assert label(NextStage(("1d",)), (4, "view"), (5, "buy")) == 2
    assert label(NextStage(("2d",)), (4, "buy"), (5, "view"), (7, "mail")) == 0
    assert label(NextStage(("2d",)), (4, "buy"), (10, "view")) == 1


def test_a_customer_who_enters_no_other_stage_stays():
    assert label(NextStage(("1d",)), (4, "view"), (7, "view")) == 1


def test_a_window_that_runs_out_within_the_horizon_is_a_move_to_lapsed():
    assert label(NextStage(("1d",)), (4, "view")) == 0
    assert label(NextStage(("6h",)), (4, "view")) == 1


def test_who_has_no_event_yet_is_lapsed_and_an_event_of_no_stage_changes_nothing():
    assert label(NextStage(("1d",)), (5, "noise"), (6, "buy")) == 2
    assert label(NextStage(("1d",)), (5, "noise")) == 0


def test_names_and_classes_say_what_is_asked():
    assert [KINDS[kind]().kind for kind in KINDS] == list(KINDS)
    assert NextEvent().classes(JOURNEY) == ("nothing", "view", "buy", "refund")
    assert NextStage().classes(JOURNEY) == ("lapsed", "looks", "buys")
    assert Purchase().classes(JOURNEY) == Churn().classes(JOURNEY) == ("no", "yes")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_horizon_without_a_unit_is_an_error(kind):
    with pytest.raises(FeatureError, match="duration '28' has no unit or no size"):
        KINDS[kind](horizons=("28",))


@pytest.mark.parametrize("horizons", [(), ("7d", "7d"), ("14d", "7d")])
def test_horizons_that_do_not_grow_are_an_error(horizons):
    with pytest.raises(FeatureError, match="give at least one, each longer than the one before"):
        Purchase(horizons)


def test_the_next_event_is_the_first_of_those_that_the_journey_names():
    assert label(NextEvent(("1d",)), (4, "buy"), (5, "noise"), (6, "buy"), (6, "view")) == 2
    assert label(NextEvent(("1d",), ("view",)), (5, "buy"), (6, "view")) == 1
    assert label(NextEvent(("1d",)), (5, "noise")) == 0


def test_an_unknown_target_is_an_error_with_a_hint():
    with pytest.raises(FeatureError, match="target 'chrun' is unknown; did you mean 'churn'"):
        target_from_dict({"target": "chrun", "horizons": ["7d"]})

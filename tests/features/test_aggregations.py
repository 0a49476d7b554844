"""What the laws do not say: names, binding, bounds by example, and error messages."""

import numpy as np
import pytest

from features.aggregations import (
    KINDS,
    ActiveDays,
    Attribute,
    Count,
    Gaps,
    Max,
    Mean,
    Recency,
    StageChanges,
    Sum,
    Trend,
    aggregation_from_dict,
)
from features.errors import FeatureError
from features.featureset import FeatureSet
from features.journey import Journey, Rule, Stage
from tests.laws import START, STEP, Row, World

JOURNEY = Journey(
    name="shop",
    activity=("buy",),
    purchase=("buy",),
    stages=(Stage(name="buys", rules=(Rule(events=("buy",), within="1d"),)),),
)
WINDOWLESS = {"Attribute", "Calendar", "CurrentStage", "Gaps", "LastEvents", "LastStages", "Recency", "StageVisits"}
WINDOWLESS |= {"Tenure", "TimeInStage"}


def world_of(*steps, cutoff=4):
    """Returns one customer who buys for 2 at the given steps of six hours, asked at a step."""
    rows = tuple(Row("ann", START + step * STEP, "buy", "web", 2.0, 1.0) for step in steps)
    asked = (("ann", START + cutoff * STEP),)
    return World(rows, JOURNEY, asked, end=START, tiers=("gold", None, None), ages=(30.0,) * 3)


def compute(aggregation, world):
    log = world.log()
    bound = FeatureSet((aggregation,)).bind(log, world.journey)
    return bound.compute(log, world.journey, world.snapshots(log))[0].tolist()


def test_event_at_cutoff_is_included():
    assert compute(Count(windows=("1d",)), world_of(4)) == [1.0]


def test_event_exactly_one_window_earlier_is_not_included():
    assert compute(Count(windows=("1d",)), world_of(0)) == [0.0]
    assert compute(Count(windows=("1d", "lifetime")), world_of(0, 1)) == [1.0, 2.0]


def test_event_after_cutoff_is_not_included():
    assert compute(Count(windows=("lifetime",)), world_of(4, 5)) == [1.0]


def test_a_window_that_begins_amid_a_day_still_counts_that_day():
    assert compute(ActiveDays(windows=("6h", "1d", "lifetime")), world_of(1, 2, 3, 4)) == [1.0, 2.0, 2.0]


def test_no_event_sums_to_zero_and_has_no_mean_maximum_recency_or_gap():
    world = world_of(9)
    assert compute(Sum(), world) == [0.0]
    for aggregation in (Mean(), Max(), Recency(), Gaps(), Trend(short="1d", long="3d")):
        assert np.isnan(compute(aggregation, world)).all()


def test_one_event_has_a_recency_and_no_gap():
    assert compute(Recency(), world_of(2)) == [0.5]
    assert np.isnan(compute(Gaps(), world_of(2))).all()


def test_overdue_is_two_when_the_customer_is_twice_as_late_as_usual():
    assert compute(Gaps(), world_of(0, 1, 2, cutoff=4)) == [0.25, 0.25, 0.0, 2.0]


def test_events_at_one_time_have_no_overdue():
    last, mean, std, overdue = compute(Gaps(), world_of(1, 1))
    assert (last, mean, std) == (0.0, 0.0, 0.0)
    assert np.isnan(overdue)


def test_a_steady_rate_has_trend_one():
    assert compute(Trend(short="1d", long="2d"), world_of(1, 5, cutoff=8)) == [1.0]


def test_the_first_stage_is_no_change_and_leaving_it_is_one():
    assert compute(StageChanges(windows=("lifetime",)), world_of(0, cutoff=3)) == [0.0]
    assert compute(StageChanges(windows=("lifetime",)), world_of(0, cutoff=4)) == [1.0]


def test_a_text_that_the_set_does_not_list_is_missing():
    assert compute(Attribute(name="tier", values=("basic", "gold")), world_of(1)) == [1.0]
    assert np.isnan(compute(Attribute(name="tier", values=("basic",)), world_of(1))).all()


def test_open_values_are_taken_from_log_and_journey():
    log = world_of(1).log()
    assert Count().bind(log, JOURNEY).values == ("buy",)
    assert Count(by="channel").bind(log, JOURNEY).values == ("web",)
    assert Recency(by="stage").bind(log, JOURNEY).values == ("buys",)
    assert Attribute(name="tier").bind(log, JOURNEY).values == ("gold",)
    assert Count(values=()).bind(log, JOURNEY).columns() == ()


def test_names_keep_letters_of_every_alphabet():
    aggregation = Count(values=("Покупка", "Zażółć gęślą", "日本 - x", "!?"), windows=("7d",))
    assert aggregation.columns() == (
        "покупка_count_7d",
        "zażółć_gęślą_count_7d",
        "日本_x_count_7d",
        "unnamed_count_7d",
    )


def test_another_measure_stands_in_the_name():
    assert Sum(values=("buy",), measure="points", windows=("7d",)).columns() == ("buy_points_sum_7d",)


@pytest.mark.parametrize(
    ("aggregation", "sentence"),
    [
        (Count(values=("buyy",)), "Count: event 'buyy' is unknown; did you mean 'buy'?"),
        (Recency(by="chanel"), "dimension 'chanel' is not in the log; did you mean 'channel'?"),
        (Gaps(by="stage", values=("buy",)), "Gaps: stage 'buy' is unknown; did you mean 'buys'?"),
        (Sum(measure="valu"), "Sum: measure 'valu' is not in the log; did you mean 'value'?"),
        (Attribute(name="teir"), "Attribute: 'teir' is not an attribute of the log; did you mean 'tier'?"),
    ],
)
def test_what_is_not_in_the_log_is_an_error_with_a_hint(aggregation, sentence):
    with pytest.raises(FeatureError) as raised:
        aggregation.bind(world_of(1).log(), JOURNEY)
    assert str(raised.value) == sentence


@pytest.mark.parametrize("kind", sorted(set(KINDS) - WINDOWLESS))
def test_a_bad_window_is_an_error(kind):
    option = {"short": "7"} if kind == "Trend" else {"windows": ("7d", "7")}
    with pytest.raises(FeatureError, match="duration '7' has no unit or no size"):
        KINDS[kind](**option)


@pytest.mark.parametrize("short", ["28d", "4w", "29d"])
def test_a_trend_of_a_short_window_that_is_not_shorter_is_an_error(short):
    with pytest.raises(FeatureError, match=f"Trend: short window '{short}' is not shorter than '28d'; swap them"):
        Trend(short=short, long="28d")


def test_columns_of_unbound_values_are_an_error():
    with pytest.raises(FeatureError, match="Count by event has no values yet; bind it to a log first"):
        Count().columns()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"aggregation": "Cuont"}, "aggregation 'Cuont' is unknown; did you mean 'Count'?"),
        ({}, "{} names no aggregation; write one like {aggregation: Count, windows: [7d]}"),
        ("Count", "'Count' names no aggregation; write one like"),
        ({"aggregation": "Count", "window": "7d"}, "Count has no option 'window'; did you mean 'windows'?"),
    ],
)
def test_unknown_data_is_an_error_with_a_hint(data, sentence):
    with pytest.raises(FeatureError) as raised:
        aggregation_from_dict(data)
    assert sentence in str(raised.value)

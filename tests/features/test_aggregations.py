"""What the laws do not say: names, binding, bounds by example, and error messages."""

from dataclasses import replace

import numpy as np
import pytest

from features.aggregations import (
    KINDS,
    ActiveDays,
    Attribute,
    Calendar,
    Count,
    Distinct,
    Entropy,
    Gaps,
    Last,
    LastEvents,
    LastStages,
    Max,
    Mean,
    Min,
    NetPromoter,
    Recency,
    Sessions,
    Slope,
    StageChanges,
    StageVisits,
    Sum,
    Transitions,
    Trend,
    aggregation_from_dict,
)
from features.errors import FeatureError
from features.featureset import FeatureSet
from features.journey import Journey, Rule, Stage
from features.timestamps import parse_moment
from features.vocabulary import Vocabulary
from tests.laws import START, STEP, Plan, Row, World

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


def test_days_between_the_last_events_are_told_of_events_and_not_again_of_other_dimensions():
    assert LastEvents(last=2).columns() == ("event_last_1", "event_last_2", "event_last_gap_1")
    assert LastEvents(of="channel", last=2).columns() == ("channel_last_1", "channel_last_2")


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
    assert Count().bind(Vocabulary.of(log), JOURNEY).values == ("buy",)
    assert Count(by="channel").bind(Vocabulary.of(log), JOURNEY).values == ("web",)
    assert Recency(by="stage").bind(Vocabulary.of(log), JOURNEY).values == ("buys",)
    assert Attribute(name="tier").bind(Vocabulary.of(log), JOURNEY).values == ("gold",)
    assert Count(values=()).bind(Vocabulary.of(log), JOURNEY).columns() == ()


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
        (Distinct(of="chanel"), "dimension 'chanel' is not in the log; did you mean 'channel'?"),
        (Entropy(by="event", of="stage"), "dimension 'stage' is not in the log; known: channel, event"),
        (LastEvents(of="evnt"), "dimension 'evnt' is not in the log; did you mean 'event'?"),
        (
            Transitions(moves=("buys > laps",)),
            "Transitions: move 'buys > laps' is unknown; did you mean 'buys > lapsed'?",
        ),
        (StageVisits(stages=("buy",)), "StageVisits: stage 'buy' is unknown; did you mean 'buys'?"),
        (Attribute(name="teir"), "Attribute: 'teir' is not an attribute of the log; did you mean 'tier'?"),
    ],
)
def test_what_is_not_in_the_log_is_an_error_with_a_hint(aggregation, sentence):
    with pytest.raises(FeatureError) as raised:
        aggregation.bind(Vocabulary.of(world_of(1).log()), JOURNEY)
    assert str(raised.value) == sentence


def test_a_session_that_begins_before_the_window_counts_once_it_has_an_event_in_it():
    world = world_of(0, 1, 2, 6, cutoff=6)
    assert compute(Sessions(gap="6h", windows=("1d", "30h", "lifetime")), world) == [1.0, 2.0, 2.0]


def test_a_pause_of_exactly_the_gap_does_not_end_a_session():
    assert compute(Sessions(gap="6h", windows=("lifetime",)), world_of(0, 1)) == [1.0]
    assert compute(Sessions(gap="5h", windows=("lifetime",)), world_of(0, 1)) == [2.0]


def test_one_event_more_each_bucket_is_slope_one():
    assert compute(Slope(windows=("18h",), bucket="6h"), world_of(2, 3, 3, 4, 4, 4)) == [1.0]
    assert compute(Slope(windows=("18h",), bucket="6h"), world_of(9)) == [0.0]


def test_two_channels_equally_often_have_the_entropy_of_a_coin():
    events = [("web", 1), ("app", 2), ("web", 3), ("app", 4), (None, 4)]
    rows = tuple(Row("ann", START + step * STEP, "buy", channel, 2.0, 1.0) for channel, step in events)
    world = replace(world_of(), rows=rows)
    assert compute(Entropy(windows=("6h", "1d", "lifetime")), world) == [
        0.0,
        np.float32(np.log(2)),
        np.float32(np.log(2)),
    ]
    assert compute(Distinct(windows=("6h", "lifetime")), world) == [1.0, 2.0]


def test_the_rest_of_the_values_are_other_and_so_is_one_not_seen_at_binding():
    rows = tuple(Row("ann", START, event, None, 1.0, 1.0) for event in ("buy", "buy", "view", "mail", "other"))
    world = replace(world_of(), rows=rows)
    bound = Count(top=1, windows=("lifetime",)).bind(Vocabulary.of(world.log()), JOURNEY)
    assert (bound.values, bound.columns()) == (("buy",), ("buy_count_lifetime", "other_count_lifetime"))
    assert compute(bound, world) == [2.0, 3.0]
    later = replace(world, rows=(*rows, rows[0]._replace(event="unheard of"))).log()
    assert FeatureSet((bound,)).compute(later, JOURNEY, world.snapshots(later)).tolist() == [[2.0, 4.0]]


def test_a_missing_value_is_not_other():
    rows = tuple(Row("ann", START, "buy", channel, 1.0, 1.0) for channel in ("web", "web", "app", None))
    assert compute(Count(by="channel", top=1, windows=("lifetime",)), replace(world_of(), rows=rows)) == [2.0, 1.0]


def test_the_stage_before_is_the_one_that_was_left():
    assert np.isnan(compute(LastStages(last=1), world_of(0, cutoff=3))).all()
    assert compute(LastStages(last=1), world_of(0, cutoff=5)) == [1.0, 1.0]
    assert compute(StageVisits(), world_of(0, 5, cutoff=7)) == [1.0, 0.25, 2.0, 1.5]
    assert compute(Transitions(), world_of(0, 5, cutoff=7)) == [1.0, 1.0]


def test_a_survey_is_read_by_its_event():
    rows = tuple(Row("ann", START + n * STEP, "nps", None, float(x), 0.0) for n, x in enumerate((10, 6, 9, 0)))
    world = replace(world_of(), rows=rows)
    for aggregation, expected in [(Last, 0.0), (Mean, 6.25), (Min, 0.0), (NetPromoter, 0.0)]:
        assert compute(aggregation(windows=("lifetime",)), world) == [expected]
    assert compute(NetPromoter(windows=("12h",)), world_of(4)) == [-100.0]


def test_an_attribute_is_what_was_valid_at_the_cutoff():
    plans = (Plan("ann", START + 4 * STEP, "gold", 9.0), Plan("ann", START + STEP, "basic", 1.0))
    fees = [compute(Attribute(name="fee"), replace(world_of(0, cutoff=at), plans=plans))[0] for at in (0, 1, 3, 4, 9)]
    assert np.isnan(fees[0])
    assert fees[1:] == [1.0, 1.0, 9.0, 9.0]


def test_the_calendar_is_that_of_the_zone():
    world = replace(world_of(0), asked=(("ann", parse_moment("2026-01-04T23:30:00Z")),))  # a Sunday
    assert compute(Calendar(), world) == [6.0, 4.0, 1.0, 1.0, 1.0, 23.0]
    assert compute(Calendar(timezone="Europe/Warsaw"), world) == [0.0, 5.0, 1.0, 2.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"aggregation": "Count", "windows": "7d"}, "Count: option 'windows' is '7d'; give a list of texts"),
        ({"aggregation": "Count", "windows": [7]}, "Count: option 'windows' is (7,); give a list of texts"),
        ({"aggregation": "Count", "top": True}, "Count: option 'top' is True; give a whole number or nothing"),
        ({"aggregation": "Count", "values": "buy"}, "Count: option 'values' is 'buy'; give a list of texts or nothing"),
        ({"aggregation": "Count", "by": None}, "Count: option 'by' is None; give a text"),
        ({"aggregation": "Count", "top": 0}, "Count: option 'top' is 0; give 1 or more"),
        (
            {"aggregation": "Count", "by": "stage", "top": 2},
            "Count: 'top' needs a dimension, not by 'stage'; remove it",
        ),
        ({"aggregation": "LastEvents", "last": 0}, "LastEvents: option 'last' is 0; give 1 or more"),
        ({"aggregation": "Sessions", "gap": "30"}, "duration '30' has no unit or no size"),
        ({"aggregation": "Slope", "windows": ["10d"]}, "Slope: window '10d' is not at least two whole buckets of '7d'"),
        ({"aggregation": "Slope", "windows": ["lifetime"]}, "Slope: window 'lifetime' is not at least two whole"),
        ({"aggregation": "NetPromoter", "detractor": 9}, "NetPromoter: detractor 9 is not below promoter 9"),
        ({"aggregation": "Calendar", "parts": ["mnoth"]}, "Calendar: part 'mnoth' is unknown; did you mean 'month'?"),
        ({"aggregation": "Calendar", "timezone": "Europe/Warsau"}, "Calendar: time zone 'Europe/Warsau' is unknown"),
    ],
)
def test_a_bad_option_is_an_error_when_it_is_read(options, sentence):
    with pytest.raises(FeatureError) as raised:
        aggregation_from_dict(options)
    assert str(raised.value).startswith(sentence)


def test_a_list_is_as_good_as_a_tuple():
    assert Count(values=["buy"], windows=["7d"]) == Count(values=("buy",), windows=("7d",))


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

from features.aggregations import Count, Max, Mean, Slope, Sum, Trend
from features.journey import Journey, Rule, Stage
from features.plan import LARGEST, Group, Plan

JOURNEY = Journey(
    name="shop",
    activity=("buy",),
    purchase=("buy",),
    stages=(Stage(name="big", rules=(Rule(events=("buy",), min_value=5.0), Rule(events=("buy", "call"), at_least=2))),),
)
BUY = Group("event", "buy")
SPENT = Group("event", "buy", "value")
DAY = 86_400_000_000


def test_one_group_and_window_is_counted_once_for_all_who_ask():
    plan = Plan(JOURNEY)
    Count(values=("buy",), windows=("7d", "28d")).compile(plan)
    Trend(values=("buy",), short="7d", long="28d").compile(plan)
    Sum(values=("buy",), windows=("28d",)).compile(plan)
    Mean(values=("buy",), windows=("28d",)).compile(plan)
    assert list(plan.counters) == [(BUY, 1), (BUY, 2), (SPENT, 2)]
    assert list(plan.windows) == [0, 7 * DAY, 28 * DAY]
    assert plan.columns == 5


def test_a_window_is_one_however_it_is_written():
    plan = Plan(JOURNEY)
    assert plan.window("7d") == plan.window("1w") == plan.window("168h")
    assert plan.window("lifetime") == 0


def test_a_slope_asks_for_a_window_for_each_number_of_buckets():
    plan = Plan(JOURNEY)
    Slope(values=("buy",), windows=("21d",)).compile(plan)
    assert list(plan.windows) == [0, 7 * DAY, 14 * DAY, 21 * DAY]
    assert plan.terms == [0, 1, 2]


def test_a_stack_serves_every_window():
    plan = Plan(JOURNEY)
    Max(values=("buy",), windows=("7d", "28d")).compile(plan)
    assert plan.stacks == {(SPENT, LARGEST): 0}


def test_the_events_of_the_journeys_rules_are_always_told_apart():
    assert [name for name in Plan(JOURNEY).dimensions["event"] if not name.startswith("\x00")] == ["buy", "call"]

from features.aggregations import Count, Sum, Trend
from features.journey import Journey, Rule, Stage
from features.plan import Group, Plan
from features.windows import COUNT

JOURNEY = Journey(
    name="shop",
    activity=("buy",),
    purchase=("buy",),
    stages=(Stage(name="big", rules=(Rule(events=("buy",), min_value=5.0), Rule(events=("buy", "call"), at_least=2))),),
)


def test_one_group_and_window_is_counted_once_for_all_who_ask():
    plan = Plan(JOURNEY)
    Count(values=("buy",), windows=("7d", "28d")).compile(plan)
    Trend(values=("buy",), short="7d", long="28d").compile(plan)
    Sum(values=("buy",), windows=("28d",)).compile(plan)
    assert list(plan.groups) == [Group("event", "buy"), Group("event", "buy", "value")]
    assert list(plan.windows) == ["lifetime", "7d", "28d"]
    assert plan.columns == 4


def test_operations_are_sorted_by_kind():
    plan = Plan(JOURNEY)
    Sum(values=("buy",), windows=("28d",)).compile(plan)
    Count(values=("buy",), windows=("7d", "28d")).compile(plan)
    spec = plan.spec()
    assert spec.operations[spec.first[COUNT] : spec.first[COUNT + 1], 0].tolist() == [1, 2]


def test_an_event_that_one_rule_of_a_stage_takes_whole_has_no_least_value():
    plan = Plan(JOURNEY)
    Count(by="stage", values=("big",), windows=("lifetime",)).compile(plan)
    lists = plan.spec().lists
    assert plan.dimensions == {"event": {"\x00": 0, "buy": 1, "call": 2}}
    entering = slice(lists.pointer[0, 1], lists.pointer[0, 3])
    assert lists.member[entering].tolist() == [0, 0]
    assert str(lists.floor[entering].tolist()) == "[nan, nan]"
    by_rule = slice(lists.pointer[-1, 1], lists.pointer[-1, 2])
    assert lists.member[by_rule].tolist() == [0, 1]
    assert lists.floor[by_rule].tolist()[0] == 5.0


def test_a_plan_of_nothing_has_empty_lists():
    spec = Plan(JOURNEY).spec()
    assert spec.operations.shape == (0, 5)
    assert spec.lists.pointer.shape == (4, 4)

import math

import numpy as np

from features.aggregations import Count, Recency, Sum, Trend
from features.kernel.operations import COUNT, RECENCY, TREND
from features.kinds import Kinds
from features.plan import Plan
from features.specification import floors_of, specify
from tests.features.test_plan import JOURNEY


def spec_of(*aggregations):
    plan = Plan(JOURNEY)
    for aggregation in aggregations:
        aggregation.compile(plan)
    return specify(plan, Kinds(plan.dimensions))


def test_operations_are_sorted_by_kind_and_neighbouring_counts_are_one_run():
    spec = spec_of(Sum(values=("buy",), windows=("28d",)), Count(values=("buy", "call"), windows=("7d", "28d")))
    assert spec.operations[spec.first[COUNT] : spec.first[COUNT + 1]].tolist() == [[1, 1, 4]]


def test_a_run_ends_where_another_column_or_a_shared_place_comes_between():
    spec = spec_of(Recency(values=("call",)), Sum(values=("buy",)), Recency(values=("buy", "call")))
    assert spec.operations[spec.first[RECENCY] : spec.first[RECENCY + 1]].tolist() == [[0, 0, 1], [2, 1, 1], [3, 0, 1]]


def test_neighbouring_trends_are_one_run_that_reads_its_terms():
    spec = spec_of(Trend(values=("buy", "call"), short="7d", long="28d"))
    assert spec.operations[spec.first[TREND] : spec.first[TREND + 1]].tolist() == [[0, 0, 2]]
    assert spec.terms.tolist() == [0, 2, 1, 3]


def test_each_window_has_slots_of_its_own_and_kinds_that_fewer_count_are_filled_up():
    spec = spec_of(Count(values=("buy",), windows=("7d", "28d")), Count(by="all", values=("all",), windows=("28d",)))
    buy = Kinds({"event": {"\x00missing": 0, "\x00unlisted": 1, "buy": 2, "call": 3}}).having("event", "buy")
    assert spec.counted[:, buy, :].tolist() == [[[3, 4]], [[0, 4]], [[1, 2]]]
    assert spec.emptied.tolist() == [[3, 4], [0, 4], [1, 2]]


def test_what_looks_at_values_is_listed():
    spec = spec_of(Count(by="stage", values=("big",), windows=("lifetime",)), Sum(values=("buy",), windows=("28d",)))
    assert spec.counted[0, 2:].tolist() == [[0], [0]]  # for the stage counts every buy and call by its second rule
    lists = spec.lists
    listed = [lists.member[lists.pointer[w, 2] : lists.pointer[w, 3]].tolist() for w in (0, 1)]
    assert listed == [[], [1]]
    by_rule = slice(lists.pointer[-1, 2], lists.pointer[-1, 3])
    assert lists.member[by_rule].tolist() == [0, 1]
    assert lists.floor[by_rule].tolist()[0] == 5.0


def test_an_event_that_one_rule_of_a_stage_takes_whole_has_no_least_value():
    floors = floors_of(JOURNEY.stages[0].rules)
    assert all(math.isnan(floor) for floor in floors.values())
    assert floors_of(JOURNEY.stages[0].rules[:1]) == {("event", "buy"): 5.0}


def test_a_plan_of_nothing_has_empty_arrays():
    spec = spec_of()
    assert spec.operations.shape == (0, 3)
    assert spec.lists.pointer.shape == (6, 5)
    assert np.array_equal(spec.first, np.zeros(len(spec.first)))

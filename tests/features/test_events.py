from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import StoreError
from features.events import Dimension
from features.ingest import log_from_frame
from features.timestamps import parse_moment
from tests.laws import CUSTOMERS, START, STEP, Plan, Row, World, worlds


def small_world():
    rows = tuple(
        Row(customer, START + step * STEP, "buy", "web", float(step), 1.0)
        for customer, step in [("ann", 0), ("ann", 3), ("cat", 1)]
    )
    return World(rows, journey=None, asked=(), end=START, tiers=("gold", None, "basic"), ages=(1.0, 2.0, 3.0))


def small_log():
    return small_world().log()


def test_a_log_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        small_log().end = 0


def test_a_log_counts_its_events_and_customers_and_knows_its_start():
    log = small_log()
    assert (log.n_events, log.n_customers, log.start) == (3, 3, START)
    assert log.customer.tolist() == [0, 0, 2]


def test_positions_follow_the_ids_asked_for():
    assert small_log().positions(["cat", "ann", "cat"]).tolist() == [2, 0, 2]
    assert small_log().positions([]).tolist() == []


@pytest.mark.parametrize("name", ["amn", "", "zzz"])
def test_an_unknown_customer_is_an_error_that_names_the_id(name):
    with pytest.raises(StoreError, match=f"customer '{name}' is not among the 3 of the log; check the id"):
        small_log().positions(["ann", name])


def test_select_takes_customers_in_the_order_given_with_all_they_have():
    part = small_log().select(np.array([2, 1, 0]))
    assert part.customers.tolist() == ["cat", "bob", "ann"]
    assert part.indptr.tolist() == [0, 1, 1, 3]
    assert part.measures["value"].tolist() == [1.0, 0.0, 3.0]
    assert part.attributes["age"].tolist() == [3.0, 2.0, 1.0]
    assert part.attributes["tier"].codes.tolist() == [0, -1, 1]


def test_select_takes_what_held_of_each_customer_at_any_time():
    plans = [
        Plan(customer, START + step, plan, 1.0)
        for customer, step, plan in [("ann", 2, "b"), ("cat", 0, "c"), ("ann", 1, "a")]
    ]
    part = replace(small_world(), plans=tuple(plans)).log().select(np.array([2, 1, 0])).dated
    assert part.indptr.tolist() == [0, 1, 1, 3]
    assert (part.valid_from - START).tolist() == [0, 1, 2]
    assert [part.columns["plan"].names[code] for code in part.columns["plan"].codes] == ["c", "a", "b"]


@given(world=worlds(), positions=st.lists(st.integers(0, len(CUSTOMERS) - 1), max_size=4))
def test_select_equals_taking_each_customers_rows(world, positions):
    log = world.log()
    part = log.select(np.array(positions, dtype=np.int64))
    expected = [row.time for place in positions for row in world.history(CUSTOMERS[place])]
    assert part.time.tolist() == expected
    assert part.end == log.end
    assert part.dimensions["event"].names == log.dimensions["event"].names


def test_codes_do_not_depend_on_the_order_of_rows():
    one = Dimension.encode(np.array(["b", None, "a"], dtype=object))
    other = Dimension.encode(np.array(["a", "b", None], dtype=object))
    assert one.names == other.names == ("a", "b")
    assert one.codes.tolist() == [1, -1, 0]


def test_a_missing_text_is_in_no_list():
    dimension = Dimension.encode(np.array(["b", None, "a"], dtype=object))
    assert dimension.is_in(["a", "unheard of"]).tolist() == [False, False, True]
    assert dimension.is_in([]).tolist() == [False, False, False]


@given(world=worlds(), seed=st.randoms())
def test_the_fingerprint_does_not_depend_on_the_order_of_rows(world, seed):
    at_once = {(row.customer, row.time): row for row in world.rows}  # equal times keep their order, so none here
    rows = list(at_once.values())
    shuffled = seed.sample(rows, len(rows))
    assert replace(world, rows=rows).log().fingerprint() == replace(world, rows=shuffled).log().fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        lambda log: replace(log, end=log.end + 1),
        lambda log: replace(log, time=log.time + 1),
        lambda log: replace(log, customers=np.array(["ann", "bob", "dan"], dtype=object)),
        lambda log: replace(log, measures=log.measures | {"value": log.measures["value"] + 1}),
        lambda log: replace(log, dimensions=log.dimensions | {"more": log.dimensions["event"]}),
        lambda log: replace(log, attributes={}),
        lambda log: replace(log, dated=None),
    ],
)
def test_any_change_changes_the_fingerprint(changed):
    assert changed(small_log()).fingerprint() != small_log().fingerprint()
    assert small_log().fingerprint() == small_log().fingerprint()


def test_a_log_until_a_moment_has_no_later_event_and_no_later_name():
    log = log_from_frame(
        pd.DataFrame(
            {
                "customer_id": ["ann", "ann", "ben", "cat", "cat"],
                "timestamp": [f"2024-01-0{day}T00:00:00Z" for day in (1, 3, 4, 2, 3)],
                "event": ["buy", "visit", "refund", "visit", "click"],
            }
        )
    )
    moment = parse_moment("2024-01-03T00:00:00Z")
    early = log.until(moment)
    assert (early.n_customers, early.indptr.tolist(), early.end) == (3, [0, 2, 2, 4], moment)
    assert early.time.max() == moment  # an event at the moment is included
    assert early.dimensions["event"].names == ("buy", "click", "visit")
    assert early.dimensions["event"].texts().tolist() == ["buy", "visit", "visit", "click"]
    assert log.until(log.end).fingerprint() == log.fingerprint()
    assert log.until(log.end + 1).end == log.end


@given(worlds(), st.integers(-2, 12))
def test_until_keeps_exactly_what_came_by_then(world, step):
    log, moment = world.log(), START + step * STEP
    early = log.until(moment)
    kept = log.time <= moment
    assert early.time.tolist() == log.time[kept].tolist()
    assert early.customer.tolist() == log.customer[kept].tolist()
    for name, dimension in log.dimensions.items():
        assert early.dimensions[name].texts().tolist() == dimension.texts()[kept].tolist()
    if log.dated is not None:
        assert early.dated.valid_from.tolist() == log.dated.valid_from[log.dated.valid_from <= moment].tolist()


def test_neighbouring_customers_are_those_that_selecting_them_gives(log):
    assert log.between(3, 9).fingerprint() == log.select(np.arange(3, 9)).fingerprint()

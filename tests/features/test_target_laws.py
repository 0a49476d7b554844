"""The five laws of design.md, on every target."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.durations import parse_duration
from features.targets import KINDS, NO_LABEL, target_from_dict
from tests import oracles
from tests.laws import CUSTOMERS, FAR, HORIZONS, NOISE, amid_others, many_rows, worlds

each_target = pytest.mark.parametrize("kind", sorted(KINDS))


def labels(kind, world, log=None):
    """Returns the labels of every horizon, shape (horizons, rows)."""
    log = world.log() if log is None else log
    snapshots = world.snapshots(log)
    target = KINDS[kind](HORIZONS)
    return np.array([target.labels(log, world.journey, snapshots, horizon) for horizon in HORIZONS])


@each_target
@settings(max_examples=60)
@given(world=worlds())
def test_labels_equal_a_filter_of_the_raw_rows(kind, world):
    expected = [
        [
            oracles.label(kind, horizon, world.history(customer), world.journey, cutoff, world.end_of_log)
            for customer, cutoff in world.asked
        ]
        for horizon in HORIZONS
    ]
    assert labels(kind, world).tolist() == expected


@each_target
@given(world=worlds(), others=many_rows, horizon=st.sampled_from(HORIZONS))
def test_events_after_the_horizon_change_no_label(kind, world, others, horizon):
    target = KINDS[kind]((horizon,))
    known_until = max(cutoff for _, cutoff in world.asked) + parse_duration(horizon)
    past = tuple(row for row in world.rows if row.time <= known_until)
    future = tuple(row for row in others if row.time > known_until)
    found = []
    for rows in (past, (*future, *past)):
        log = replace(world, rows=rows, end=FAR).log()
        found.append(target.labels(log, world.journey, world.snapshots(log), horizon).tolist())
    assert found[0] == found[1]


@each_target
@given(world=worlds(), others=many_rows)
def test_events_after_the_cutoff_change_not_whether_it_is_asked(kind, world, others):
    now = max(cutoff for _, cutoff in world.asked)
    rows = (*(row for row in world.rows if row.time <= now), *(row for row in others if row.time > now))
    found = []
    for log in (world.log(), replace(world, rows=rows).log()):
        target = KINDS[kind](HORIZONS)
        found.append(target.is_asked(log, world.journey, world.snapshots(log), HORIZONS[1]).tolist())
    assert found[0] == found[1]


@each_target
@given(world=worlds(), others=many_rows)
def test_events_that_the_journey_does_not_name_move_no_label(kind, world, others):
    named = tuple(row for row in world.rows if row.event != NOISE)
    noise = tuple(row._replace(event=NOISE) for row in others)
    quiet, noisy = replace(world, rows=named, end=FAR), replace(world, rows=(*noise, *named), end=FAR)
    assert labels(kind, quiet).tolist() == labels(kind, noisy).tolist()


@given(world=worlds(), others=many_rows)
def test_events_up_to_the_cutoff_change_no_purchase_and_no_churn_answer(world, others):
    now = min(cutoff for _, cutoff in world.asked)
    world = replace(world, asked=tuple((customer, now) for customer in CUSTOMERS), end=FAR)
    rows = (*(row for row in others if row.time <= now), *(row for row in world.rows if row.time > now))
    rewritten = replace(world, rows=rows)
    assert labels("purchase", world).tolist() == labels("purchase", rewritten).tolist()
    one, another = labels("churn", world), labels("churn", rewritten)
    asked = (one != NO_LABEL) & (another != NO_LABEL)
    assert one[asked].tolist() == another[asked].tolist()


@each_target
@given(world=worlds(), others=many_rows, seed=st.randoms())
def test_other_customers_and_row_order_change_no_label(kind, world, others, seed):
    mixed = amid_others(world, others, seed)
    assert labels(kind, mixed[0]).tolist() == labels(kind, mixed[1]).tolist()


@each_target
@given(world=worlds())
def test_labels_of_a_customer_alone_equal_those_in_the_whole_log(kind, world):
    world = replace(world, end=world.end_of_log)
    for customer in {name for name, _ in world.asked}:
        alone = replace(world, asked=tuple(pair for pair in world.asked if pair[0] == customer))
        whole = labels(kind, alone).tolist()
        selected = world.log().select(np.array([CUSTOMERS.index(customer)]))
        assert whole == labels(kind, alone, selected).tolist()
        assert whole == labels(kind, alone, world.log([customer])).tolist()


@each_target
@given(world=worlds())
def test_a_target_read_back_from_json_is_the_same(kind, world):
    original = KINDS[kind](HORIZONS)
    restored = target_from_dict(json.loads(json.dumps(original.to_dict())))
    log = world.log()
    snapshots, horizon = world.snapshots(log), HORIZONS[1]
    found = [target.labels(log, world.journey, snapshots, horizon).tolist() for target in (original, restored)]
    assert restored == original
    assert found[0] == found[1]

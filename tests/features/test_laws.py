"""The five laws of design.md, on every aggregation and every target."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import targets
from features.aggregations import KINDS, ActiveDays, Attribute, CurrentStage, StageChanges, Tenure, TimeInStage, Trend
from features.durations import parse_duration
from features.featureset import FeatureSet
from features.targets import NO_LABEL, target_from_dict
from tests import oracles
from tests.laws import (
    CHANNELS,
    CUSTOMERS,
    EVENTS,
    HORIZONS,
    LAST_STEP,
    NOISE,
    START,
    STEP,
    TIERS,
    WINDOWS,
    many_rows,
    worlds,
)

each_aggregation = pytest.mark.parametrize("kind", sorted(KINDS))
each_target = pytest.mark.parametrize("kind", sorted(targets.KINDS))
FAR = START + 4 * LAST_STEP * STEP
EXACT = {"Count", "ActiveDays", "StageChanges", "CurrentStage", "Attribute"}


def feature_set(kind, journey):
    """Returns every use of one aggregation, its values named."""
    ungrouped = {
        "ActiveDays": (ActiveDays(windows=WINDOWS),),
        "Attribute": (Attribute(name="tier", values=TIERS), Attribute(name="age")),
        "CurrentStage": (CurrentStage(),),
        "StageChanges": (StageChanges(windows=WINDOWS),),
        "Tenure": (Tenure(),),
        "TimeInStage": (TimeInStage(),),
    }
    if kind in ungrouped:
        return FeatureSet(ungrouped[kind])
    groups = {"event": EVENTS, "channel": CHANNELS, "stage": journey.stage_names[1:], "all": ("",)}
    options = [{"by": by, "values": values} for by, values in groups.items()]
    if kind in {"Sum", "Mean", "Max"}:
        options = [option | {"measure": measure} for option in options for measure in ("value", "points")]
    if kind in {"Sum", "Mean", "Max", "Count"}:
        options = [option | {"windows": WINDOWS} for option in options]
    if kind == "Trend":
        options = [option | {"short": short, "long": "3d"} for option in options for short in ("6h", "1d")]
    return FeatureSet(tuple(KINDS[kind](**option) for option in options))


def features(kind, world, log=None):
    log = world.log() if log is None else log
    return feature_set(kind, world.journey).compute(log, world.journey, world.snapshots(log))


def labels(kind, world, log=None):
    """Returns the labels of every horizon, shape (horizons, rows)."""
    log = world.log() if log is None else log
    snapshots = world.snapshots(log)
    kinds = [targets.KINDS[kind](horizon=horizon) for horizon in HORIZONS]
    return np.array([target.labels(log, world.journey, snapshots) for target in kinds])


def same_bits(one, other):
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def test_every_aggregation_and_every_target_has_an_oracle():
    assert set(oracles.AGGREGATIONS) == set(KINDS)
    assert set(oracles.TARGETS) == set(targets.KINDS)


@each_aggregation
@settings(max_examples=100)
@given(world=worlds())
def test_features_equal_a_filter_of_the_raw_rows(kind, world):
    expected = []
    for customer, cutoff in world.asked:
        place = CUSTOMERS.index(customer)
        past = oracles.Past(
            rows=tuple(row for row in world.history(customer) if row.time <= cutoff),
            journey=world.journey,
            cutoff=cutoff,
            attributes={"tier": world.tiers[place], "age": world.ages[place]},
        )
        uses = feature_set(kind, world.journey).aggregations
        expected.append([cell for use in uses for cell in oracles.AGGREGATIONS[kind](use, past)])
    tolerance = {"rtol": 0, "atol": 0} if kind in EXACT else {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(features(kind, world), np.array(expected), **tolerance)


@each_target
@settings(max_examples=400)
@given(world=worlds())
def test_labels_equal_a_filter_of_the_raw_rows(kind, world):
    expected = [
        [
            oracles.label(
                targets.KINDS[kind](horizon), world.history(customer), world.journey, cutoff, world.end_of_log
            )
            for customer, cutoff in world.asked
        ]
        for horizon in HORIZONS
    ]
    assert labels(kind, world).tolist() == expected


@each_aggregation
@given(world=worlds(), others=many_rows)
def test_events_after_the_cutoff_change_no_feature(kind, world, others):
    now = max(cutoff for _, cutoff in world.asked)
    past = tuple(row for row in world.rows if row.time <= now)
    future = tuple(row for row in others if row.time > now)
    rewritten = replace(world, rows=(*future, *past), end=FAR)
    assert same_bits(features(kind, world), features(kind, rewritten))


@each_target
@given(world=worlds(), others=many_rows, horizon=st.sampled_from(HORIZONS))
def test_events_after_the_horizon_change_no_label(kind, world, others, horizon):
    target = targets.KINDS[kind](horizon)
    known_until = max(cutoff for _, cutoff in world.asked) + parse_duration(horizon)
    past = tuple(row for row in world.rows if row.time <= known_until)
    future = tuple(row for row in others if row.time > known_until)
    found = []
    for rows in (past, (*future, *past)):
        log = replace(world, rows=rows, end=FAR).log()
        found.append(target.labels(log, world.journey, world.snapshots(log)).tolist())
    assert found[0] == found[1]


@each_target
@given(world=worlds(), others=many_rows)
def test_events_after_the_cutoff_change_not_whether_it_is_asked(kind, world, others):
    now = max(cutoff for _, cutoff in world.asked)
    rows = (*(row for row in world.rows if row.time <= now), *(row for row in others if row.time > now))
    found = []
    for log in (world.log(), replace(world, rows=rows).log()):
        target = targets.KINDS[kind](HORIZONS[1])
        found.append(target.is_asked(log, world.journey, world.snapshots(log)).tolist())
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


@each_aggregation
@given(world=worlds(), others=many_rows, seed=st.randoms())
def test_other_customers_and_row_order_change_no_feature(kind, world, others, seed):
    mixed = amid_others(world, others, seed)
    assert same_bits(features(kind, mixed[0]), features(kind, mixed[1]))


@each_target
@given(world=worlds(), others=many_rows, seed=st.randoms())
def test_other_customers_and_row_order_change_no_label(kind, world, others, seed):
    mixed = amid_others(world, others, seed)
    assert labels(kind, mixed[0]).tolist() == labels(kind, mixed[1]).tolist()


def amid_others(world, others, seed):
    """Returns two worlds in which one customer lived alike, amid other people and in another order of rows."""
    asked = tuple((CUSTOMERS[1], cutoff) for _, cutoff in world.asked)
    own, strange = world.history(CUSTOMERS[1]), [row for row in others if row.customer != CUSTOMERS[1]]
    shuffled = [*own, *strange]
    seed.shuffle(shuffled)
    ties = iter(own)  # among equal times the order says which came last, so it stays
    kept = sorted((row for row in shuffled if row.customer == CUSTOMERS[1]), key=lambda row: row.time)
    ordered = {id(row): next(ties) for row in kept}
    rows = tuple(ordered.get(id(row), row) for row in shuffled)
    one = replace(world, asked=asked, end=FAR)
    return one, replace(one, rows=rows, tiers=(None, world.tiers[1], "gold"), ages=(1.0, world.ages[1], math.nan))


@each_aggregation
@given(world=worlds())
def test_features_of_a_customer_alone_equal_those_in_the_whole_log(kind, world):
    for customer in {name for name, _ in world.asked}:
        alone = replace(world, asked=tuple(pair for pair in world.asked if pair[0] == customer))
        whole = features(kind, alone)
        selected = world.log().select(np.array([CUSTOMERS.index(customer)]))
        assert same_bits(whole, features(kind, alone, selected))
        assert same_bits(whole, features(kind, alone, world.log([customer])))


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


@each_aggregation
@given(world=worlds())
def test_a_feature_set_read_back_from_json_is_the_same(kind, world):
    original = feature_set(kind, world.journey)
    restored = FeatureSet.from_dict(json.loads(json.dumps(original.to_dict())))
    log = world.log()
    assert restored == original
    assert restored.columns == original.columns
    assert restored.fingerprint == original.fingerprint
    assert same_bits(features(kind, world), restored.compute(log, world.journey, world.snapshots(log)))


@each_target
@given(world=worlds())
def test_a_target_read_back_from_json_is_the_same(kind, world):
    original = targets.KINDS[kind](HORIZONS[1])
    restored = target_from_dict(json.loads(json.dumps(original.to_dict())))
    log = world.log()
    found = [target.labels(log, world.journey, world.snapshots(log)).tolist() for target in (original, restored)]
    assert restored == original
    assert restored.name == original.name
    assert found[0] == found[1]

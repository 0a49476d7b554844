"""The five laws of design.md, on every aggregation."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import targets
from features.aggregations import (
    KINDS,
    ActiveDays,
    Attribute,
    Calendar,
    CurrentStage,
    LastEvents,
    LastStages,
    Sessions,
    StageChanges,
    StageVisits,
    Tenure,
    TimeInStage,
    Transitions,
)
from features.aggregations.aggregation import Aggregation
from features.durations import DAY
from features.featureset import FeatureSet
from features.history import History
from features.journey import load_journey
from features.plan import ALL, Group
from features.snapshots import Snapshots
from tests import oracles
from tests.laws import (
    CHANNELS,
    CUSTOMERS,
    EVENTS,
    FAR,
    START,
    TIERS,
    WINDOWS,
    Row,
    World,
    amid_others,
    many_rows,
    worlds,
)

each_aggregation = pytest.mark.parametrize("kind", sorted(KINDS))
EXACT = {"ActiveDays", "Attribute", "Calendar", "Count", "CurrentStage", "Distinct", "Sessions", "StageChanges"}
EXACT |= {"Transitions"}
MEASURED = {"Last", "Max", "Mean", "Min", "NetPromoter", "Std", "Sum"}
WINDOWED = MEASURED | {"Count", "Distinct", "Entropy"}
ROUNDED = {"Sum", "Mean", "Gaps"}  # the kernel adds up in another way than NumPy


def feature_set(kind, journey):
    """Returns every use of one aggregation, its values named."""
    ungrouped = {
        "ActiveDays": (ActiveDays(windows=WINDOWS),),
        "Attribute": (
            Attribute(name="tier", values=TIERS),
            Attribute(name="age"),
            Attribute(name="plan", values=TIERS),
            Attribute(name="fee"),
        ),
        "Calendar": (Calendar(), Calendar(timezone="America/New_York")),
        "CurrentStage": (CurrentStage(),),
        "LastEvents": (
            LastEvents(values=EVENTS[:2], last=4),
            LastEvents(of="channel", values=CHANNELS, last=3),
        ),
        "LastStages": (LastStages(last=2),),
        "Sessions": (Sessions(gap="6h", windows=WINDOWS), Sessions(gap="5h", windows=WINDOWS)),
        "StageChanges": (StageChanges(windows=WINDOWS),),
        "Tenure": (Tenure(),),
        "StageVisits": (StageVisits(stages=journey.stage_names),),
        "TimeInStage": (TimeInStage(),),
        "Transitions": (Transitions(moves=("lapsed > s1", "s1 > lapsed"), windows=WINDOWS),),
    }
    if kind in ungrouped:
        return FeatureSet(ungrouped[kind])
    groups = {"event": EVENTS, "channel": CHANNELS, "stage": journey.stage_names[1:], "all": ("",)}
    options = [{"by": by, "values": values} for by, values in groups.items()]
    options += [{"by": "event", "values": EVENTS[:2], "top": 2}, {"by": "channel", "values": (), "top": 1}]
    if kind in MEASURED:
        options = [option | {"measure": measure} for option in options for measure in ("value", "points")]
    if kind in {"Distinct", "Entropy"}:
        options = [option | {"of": dimension} for option in options for dimension in ("event", "channel")]
    if kind in WINDOWED:
        options = [option | {"windows": WINDOWS} for option in options]
    if kind == "NetPromoter":
        options = [option | {"promoter": 5, "detractor": 1} for option in options]
    if kind == "Slope":
        options = [option | {"windows": ("12h", "3d"), "bucket": "6h"} for option in options]
    if kind == "Trend":
        options = [option | {"short": short, "long": "3d"} for option in options for short in ("6h", "1d")]
    return FeatureSet(tuple(KINDS[kind](**option) for option in options))


def features(kind, world, log=None):
    log = world.log() if log is None else log
    return feature_set(kind, world.journey).compute(log, world.journey, world.snapshots(log))


def same_bits(one, other):
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def test_every_aggregation_and_every_target_has_an_oracle():
    assert set(oracles.AGGREGATIONS) == set(KINDS)
    assert set(oracles.TARGETS) == set(targets.KINDS)


@each_aggregation
@settings(max_examples=30)
@given(world=worlds())
def test_features_equal_a_filter_of_the_raw_rows(kind, world):
    expected = []
    for customer, cutoff in world.asked:
        past = oracles.Past(
            rows=tuple(row for row in world.history(customer) if row.time <= cutoff),
            journey=world.journey,
            cutoff=cutoff,
            attributes=world.attributes(customer, cutoff),
        )
        uses = feature_set(kind, world.journey).aggregations
        expected.append([cell for use in uses for cell in oracles.AGGREGATIONS[kind](use, past)])
    tolerance = {"rtol": 0, "atol": 0} if kind in EXACT else {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(features(kind, world), np.array(expected), **tolerance)


@each_aggregation
@given(world=worlds())
def test_the_kernel_equals_the_definition_in_numpy(kind, world):
    log = world.log()
    chosen = feature_set(kind, world.journey)
    history = History(log, world.journey, world.snapshots(log))
    defined = [column for use in chosen.aggregations for column in use.compute(history)]
    tolerance = {"rtol": 1e-6, "atol": 1e-6} if kind in ROUNDED else {"rtol": 0, "atol": 0}
    np.testing.assert_allclose(features(kind, world, log), np.column_stack(defined).astype(np.float32), **tolerance)


@each_aggregation
@given(world=worlds())
def test_a_row_alone_equals_the_same_row_among_others(kind, world):
    together = features(kind, world)
    for row, pair in enumerate(world.asked):
        assert same_bits(together[row : row + 1], features(kind, replace(world, asked=(pair,))))


@each_aggregation
@given(world=worlds(), others=many_rows)
def test_events_after_the_cutoff_change_no_feature(kind, world, others):
    now = max(cutoff for _, cutoff in world.asked)
    past = tuple(row for row in world.rows if row.time <= now)
    future = tuple(row for row in others if row.time > now)
    plans = tuple(plan for plan in world.plans if plan.valid_from <= now)
    rewritten = replace(world, rows=(*future, *past), end=FAR, plans=plans)
    assert same_bits(features(kind, world), features(kind, rewritten))


@each_aggregation
@given(world=worlds(), others=many_rows, seed=st.randoms())
def test_other_customers_and_row_order_change_no_feature(kind, world, others, seed):
    mixed = amid_others(world, others, seed)
    assert same_bits(features(kind, mixed[0]), features(kind, mixed[1]))


@each_aggregation
@given(world=worlds())
def test_features_of_a_customer_alone_equal_those_in_the_whole_log(kind, world):
    for customer in {name for name, _ in world.asked}:
        alone = replace(world, asked=tuple(pair for pair in world.asked if pair[0] == customer))
        whole = features(kind, alone)
        selected = world.log().select(np.array([CUSTOMERS.index(customer)]))
        assert same_bits(whole, features(kind, alone, selected))
        assert same_bits(whole, features(kind, alone, world.log([customer])))


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


@dataclass(frozen=True)
class Leak(Aggregation):
    """Counts the events of the six hours after the cutoff: what no aggregation may do."""

    def columns(self):
        return ("leak",)

    def compute(self, history):
        ahead = Snapshots(history.snapshots.customer, history.snapshots.cutoff + DAY // 4)
        after = History(history.log, history.journey, ahead).segment(Group(ALL), "6h")
        return [(after[1] - after[0]).astype(np.float64)]


def test_an_aggregation_that_reads_the_future_breaks_the_law():
    """The law must be able to fail: a planted leak is found."""
    customer, cutoff = CUSTOMERS[0], START
    nobody = (None,) * len(CUSTOMERS)
    ages = (np.nan,) * len(CUSTOMERS)
    world = World((), load_journey("retail"), ((customer, cutoff),), FAR, nobody, ages)
    leaks = FeatureSet((Leak(),))
    empty, later = world, replace(world, rows=(Row(customer, cutoff + 1, "buy", None, 1.0, 1.0),), end=FAR)
    seen = [leaks.compute(log := each.log(), each.journey, each.snapshots(log)) for each in (empty, later)]
    assert not same_bits(*seen)

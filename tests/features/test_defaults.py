from dataclasses import replace

import numpy as np
import pytest

from features.events import Dimension
from features.featureset import FeatureSet
from features.ingest import Schema, log_from_frame
from features.journey import Journey, Rule, Stage, load_journey
from features.snapshots import Snapshots
from tests.data import generated_events


def with_events(log, names):
    """Returns the log with its events renamed, the first name the most frequent."""
    draws = np.random.default_rng(0).geometric(2.0 / len(names), log.n_events)
    texts = np.array(names, dtype=object)[np.minimum(draws - 1, len(names) - 1)]
    return replace(log, dimensions=log.dimensions | {"event": Dimension.encode(texts)})


def test_the_default_of_a_shop_is_a_general_set_of_70_to_130_columns(log, journey):
    assert 70 <= len(FeatureSet.default(log, journey).columns) <= 130


@pytest.mark.parametrize("more", [0, 20, 500])
def test_many_event_names_do_not_make_many_columns(log, more):
    shop = load_journey("ecommerce")
    renamed = with_events(log, [*shop.events, *(f"noise {number}" for number in range(more))])
    columns = FeatureSet.default(renamed, shop).columns
    assert len(columns) <= 130
    assert "order_completed_count_28d" in columns
    assert "other_count_28d" in columns


def test_a_stage_that_repeats_an_event_or_another_stage_has_no_columns_of_its_own(log):
    often = Stage(name="often", rules=(Rule(events=("visit", "campaign_mailed"), at_least=3),))
    stages = (
        Stage(name="buys", rules=(Rule(events=("purchase",), within="7d"),)),
        Stage(name="reached", rules=(Rule(events=("visit", "campaign_mailed"), within="28d"),)),
        often,
        Stage(name="spends", rules=(Rule(events=("purchase",), min_value=10),)),
        Stage(name="unheard", rules=(Rule(events=("nothing of the kind",)),)),
    )
    journey = Journey(name="shop", activity=("purchase",), purchase=("purchase",), stages=stages)
    columns = FeatureSet.default(log, journey).columns
    found = {name for name in columns if name.startswith("stage_") and name.endswith("_count_28d")}
    assert found == {"stage_reached_count_28d", "stage_spends_count_28d"}


def test_but_for_the_last_gap_which_two_blocks_tell_no_columns_of_the_default_are_the_same(log, journey):
    chosen = FeatureSet.default(log, journey)
    matrix = chosen.compute(log, journey, Snapshots.every_event(log))
    seen = {}
    for name, column in zip(chosen.columns, matrix.T, strict=True):
        seen.setdefault(column.tobytes(), []).append(name)
    assert [names for names in seen.values() if len(names) > 1] == [["events_gap_last", "event_last_gap_1"]]


def test_a_log_of_one_event_without_channel_or_value_has_a_default(journey):
    frame = generated_events(20)[["customer_id", "timestamp"]].assign(event="purchase")
    columns = FeatureSet.default(log_from_frame(frame), journey).columns
    assert "purchase_count_28d" in columns
    assert not any(name.startswith(("channel", "events_", "event_last")) or "_sum_" in name for name in columns)


def test_declared_dimensions_and_measures_have_features_of_a_bounded_number(journey):
    frame = generated_events(50)
    random = np.random.default_rng(0)
    names = [f"d{number}" for number in range(5)]
    frame = frame.assign(**{name: random.integers(0, 40, len(frame)).astype(str) for name in names}, points=1.5)
    plain = FeatureSet.default(log_from_frame(frame), journey).columns
    declared = FeatureSet.default(log_from_frame(frame, Schema(dimensions=tuple(names), measures=("points",))), journey)
    more = set(declared.columns) - set(plain)
    assert {"d0_other_count_28d", "events_d0_distinct_91d", "d0_last_3", "events_points_sum_28d"} <= more
    assert len(more) == 3 * (4 * 2 + 2 + 3) + 5
    assert not any(name.startswith("d4") for name in more)

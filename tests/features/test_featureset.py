import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from features.aggregations import Count, Recency, Sum
from features.errors import FeatureError
from features.featureset import FeatureSet
from tests.laws import START, Row, worlds


@given(world=worlds())
def test_the_default_set_names_and_fills_every_column_once(world):
    log = world.log()
    chosen = FeatureSet.default(log, world.journey)
    matrix = chosen.compute(log, world.journey, world.snapshots(log))
    assert matrix.shape == (len(world.asked), len(chosen.columns))
    assert len(set(chosen.columns)) == len(chosen.columns)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous


@given(world=worlds())
def test_the_default_set_comes_back_from_json_the_same(world):
    chosen = FeatureSet.default(world.log(), world.journey)
    restored = FeatureSet.from_dict(json.loads(json.dumps(chosen.to_dict())))
    assert restored == chosen
    assert restored.fingerprint == chosen.fingerprint


@given(world=worlds())
def test_a_set_computes_on_a_log_that_has_none_of_its_events(world):
    log = replace(world, rows=(Row("ann", START, "unheard of", None, 1.0, 1.0),)).log()
    chosen = FeatureSet((Count(values=("buy",), windows=("lifetime",)), Recency(values=("buy",))))
    matrix = chosen.compute(log, world.journey, world.snapshots(log))
    assert (matrix[:, 0] == 0).all()
    assert np.isnan(matrix[:, 1]).all()


def test_columns_keep_the_order_of_the_aggregations():
    chosen = FeatureSet((Recency(values=("b", "a")), Count(values=("a",), windows=("7d", "1d"))))
    assert chosen.columns == ("b_recency", "a_recency", "a_count_7d", "a_count_1d")


def test_the_fingerprint_tells_sets_apart():
    sets = [
        FeatureSet((Count(values=("a",), windows=("7d",)),)),
        FeatureSet((Count(values=("a",), windows=("28d",)),)),
        FeatureSet((Sum(values=("a",), windows=("7d",)),)),
        FeatureSet(()),
    ]
    assert len({chosen.fingerprint for chosen in sets}) == len(sets)


@given(world=worlds())
def test_an_empty_set_has_no_columns(world):
    log = world.log()
    chosen = FeatureSet(()).bind(log, world.journey)
    assert chosen.compute(log, world.journey, world.snapshots(log)).shape == (len(world.asked), 0)


@pytest.mark.parametrize(
    "aggregations",
    [
        (Count(values=("Buy Now", "buy-now"), windows=("7d",)),),
        (Count(values=("Buy Now",), windows=("7d",)), Count(values=("buy-now",), windows=("7d",))),
    ],
)
@given(world=worlds())
def test_two_features_of_one_name_are_an_error(aggregations, world):
    events = [Row("ann", START, event, None, 1.0, 1.0) for event in ("Buy Now", "buy-now")]
    log = replace(world, rows=tuple(events)).log()
    with pytest.raises(FeatureError, match="two features are called 'buy_now_count_7d'; remove or rename one of them"):
        FeatureSet(aggregations).bind(log, world.journey)


def load(tmp_path, text):
    path = tmp_path / "features.yaml"
    path.write_text(text, encoding="utf-8")
    return FeatureSet.load(path)


def test_a_set_is_read_from_yaml(tmp_path):
    text = """
features:
  - {aggregation: Count, by: event, values: [buy], windows: [7d, lifetime]}
  - aggregation: Recency
    top: 3
"""
    expected = FeatureSet((Count(values=("buy",), windows=("7d", "lifetime")), Recency(top=3)))
    assert load(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("featuers: []", "features.yaml: unknown key 'featuers'; did you mean 'features'?"),
        ("features: []", "features.yaml: key 'features' is empty; give at least one entry"),
        ("- Count", "features.yaml holds a list, not keys and values"),
        (
            "features: [{aggregation: Tenure}, {aggregation: Cuont}]",
            "features.yaml: feature 2: aggregation 'Cuont' is unknown; did you mean 'Count'?",
        ),
        (
            "features: [{aggregation: Count, window: [7d]}]",
            "features.yaml: feature 1: Count has no option 'window'; did you mean 'windows'?",
        ),
        ("features: [{aggregation: Count, windows: [7]}]", "features.yaml: feature 1: Count: option 'windows' is (7,)"),
        ("features: [{aggregation: Count, windows: ['7']}]", "features.yaml: feature 1: duration '7' has no unit"),
        ("features: [{aggregation: Count, windows: []}]", "features.yaml: feature 1: Count: option 'windows' is empty"),
        (
            "features: [{aggregation: Count, windows: [28d, 4w]}]",
            "features.yaml: feature 1: Count: windows '28d' and '4w' are as long; remove one of them",
        ),
        ("features: [Tenure]", "features.yaml: feature 1: 'Tenure' names no aggregation"),
    ],
)
def test_a_bad_file_is_an_error_that_says_where(tmp_path, text, sentence):
    with pytest.raises(FeatureError) as raised:
        load(tmp_path, text)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("data", [{}, {"aggregations": "Count"}, [], {"aggregation": []}])
def test_data_without_a_list_of_aggregations_is_an_error(data):
    with pytest.raises(FeatureError, match="a feature set holds a list under 'aggregations'"):
        FeatureSet.from_dict(data)

import json

import numpy as np
import pytest

from features.featureset import FeatureSet
from features.ingest import log_from_frame
from features.vocabulary import Vocabulary
from tests.data import generated_events


@pytest.fixture(scope="module")
def attributed():
    events = generated_events(60)
    customers = events["customer_id"].unique()
    people = events[["customer_id"]].drop_duplicates().assign(tier="gold", age=31.0)
    people["tier"] = [("gold", "basic", None)[number % 3] for number in range(len(customers))]
    return log_from_frame(events, attributes=people)


def split(log, n):
    """Returns the log's customers dealt out to n logs, each with a dictionary of its own."""
    dealt = [log.select(np.arange(first, log.n_customers, n)) for first in range(n)]
    return [Vocabulary.of(part) for part in dealt]


def test_it_counts_names_pairs_and_finite_values():
    frame = (
        generated_events(3)
        .iloc[:4]
        .assign(event=["buy", "view", "buy", "view"], channel=["web", "web", None, "app"], value=[1.0, None, 2.0, None])
    )
    vocabulary = Vocabulary.of(log_from_frame(frame.assign(points=float("nan"))))
    assert vocabulary.dimensions == {"event": {"buy": 2, "view": 2}, "channel": {"app": 1, "web": 2}}
    assert vocabulary.together == {"app": {"view": 1}, "web": {"buy": 1, "view": 1}}
    assert vocabulary.measures == {"value": True}
    assert vocabulary.attributes == {}


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_parts_of_a_log_have_the_vocabulary_of_the_whole(attributed, journey, n):
    whole, merged = Vocabulary.of(attributed), Vocabulary.merge(split(attributed, n))
    assert merged == whole
    assert [list(counts) for counts in merged.dimensions.values()] == [
        list(counts) for counts in whole.dimensions.values()
    ]
    default = FeatureSet.default(attributed, journey)
    assert FeatureSet.default(merged, journey).fingerprint == default.fingerprint


def test_it_reads_back_from_json(attributed):
    vocabulary = Vocabulary.of(attributed)
    assert Vocabulary.from_dict(json.loads(json.dumps(vocabulary.to_dict()))) == vocabulary
    assert Vocabulary.of(vocabulary) is vocabulary


def test_a_set_bound_to_the_vocabulary_is_the_one_bound_to_the_log(attributed, journey):
    open_set = FeatureSet.from_dict({"aggregations": [{"aggregation": "Count", "by": "channel"}]})
    assert open_set.bind(Vocabulary.of(attributed), journey) == open_set.bind(attributed, journey)

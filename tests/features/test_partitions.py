"""The partitions of a log are its customers dealt out, with the same bits of every feature."""

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features import partitions as module
from features.aggregations import KINDS
from features.errors import PartitionError
from features.featureset import FeatureSet
from features.ingest import Schema
from features.journey import Journey, Rule, Stage
from features.partitions import Partitions, map_here, map_partitions
from features.snapshots import Snapshots
from features.sources.files import read_log
from features.sources.partitioner import Division, write_partitions
from features.vocabulary import Vocabulary
from tests.features.test_laws import feature_set
from tests.laws import CHANNELS, EVENTS, START, STEP, TIERS

SCHEMA = Schema(measures=("points",))
JOURNEY = Journey(
    name="small",
    stage="latest",
    activity=("buy", "view"),
    purchase=("buy",),
    refund=("refund",),
    stages=(
        Stage(name="s1", rules=(Rule(events=("view", "mail"), within="3d"),)),
        Stage(name="s2", rules=(Rule(events=("buy",), at_least=2, within="6h"), Rule(events=("refund",)))),
    ),
)


def random_events(rows=600, customers=15, seed=3):
    """Returns synthetic events full of ties, late arrivals, repeated ids, and missing values, in no order."""
    random = np.random.default_rng(seed)

    def some(values):
        return np.array(values, dtype=object)[random.integers(0, len(values), rows)]

    stamps = pd.to_datetime(START + STEP * random.integers(0, 40, rows), unit="us", utc=True)
    late = pd.to_timedelta(random.integers(-2, 9, rows) * 6, unit="h")
    ids = np.array([f"e{number}" for number in random.integers(0, rows, rows)], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in random.integers(0, customers, rows)],
            "timestamp": stamps,
            "event": some(EVENTS),
            "channel": some((*CHANNELS, None)),
            "value": some((None, -2.0, 0.1, 5.0, 1e6)).astype(float),
            "points": some((None, 1.5, 7.0)).astype(float),
            "event_id": np.where(random.random(rows) < 0.2, None, ids),
            "known_at": pd.Series(stamps + late).where(random.random(rows) < 0.6),
        }
    )


def people(dated):
    """Returns a table of attributes; the last customer has no events, and some with events are not listed."""
    ids = [f"c{number}" for number in (*range(12), 99)]
    table = pd.DataFrame({"customer_id": ids, "tier": [*TIERS, None] * 4 + ["gold"], "age": [*range(20, 32), None]})
    if not dated:
        return table.assign(plan="basic", fee=1.0)
    first = table.rename(columns={"tier": "plan", "age": "fee"}).assign(valid_from="2026-01-02T00:00:00Z")
    second = first.assign(valid_from="2026-01-05T12:00:00Z", plan="gold", fee=9.5)
    return pd.concat([second, first], ignore_index=True).assign(tier="gold", age=30.0)


@pytest.fixture(scope="module", params=["parquet", "csv", "dated"])
def both(request, tmp_path_factory):
    """Returns a log and its partitions; typed Parquet and text take different ways."""
    folder = tmp_path_factory.mktemp("both")
    events, attributes = random_events(), folder / "people.csv"
    people(request.param == "dated").to_csv(attributes, index=False)
    path = folder / ("events.csv" if request.param == "csv" else "events.parquet")
    if request.param == "csv":
        for name in ("timestamp", "known_at"):
            events[name] = events[name].map(lambda moment: "" if pd.isna(moment) else moment.isoformat())
        events.to_csv(path, index=False)
    else:
        events.to_parquet(path)
    parts = write_partitions(path, folder / "parts", Division(4, SCHEMA, attributes))
    return read_log(path, SCHEMA, attributes), parts


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    random_events().to_parquet(folder / "events.parquet")
    return write_partitions(folder / "events.parquet", folder / "parts", Division(3))


def every_moment(log):
    cutoffs = START + STEP * np.arange(0, 50, 3)
    return Snapshots(np.repeat(np.arange(log.n_customers), len(cutoffs)), np.tile(cutoffs, log.n_customers))


def by_customer(log, chosen):
    """Returns the bytes of each customer's features."""
    matrix = chosen.compute(log, JOURNEY, every_moment(log)).reshape(log.n_customers, -1)
    return {name: row.tobytes() for name, row in zip(log.customers.tolist(), matrix, strict=True)}


def features_of(chosen, partitions, number):
    return by_customer(partitions.log(number), chosen)


def doubled(partitions, number):
    assert len(partitions) == 3
    return 2 * number


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_feature_has_the_bits_of_the_whole_log(both, kind):
    whole, parts = both
    chosen = feature_set(kind, JOURNEY)
    dealt = {}
    for number in range(len(parts)):
        mine = features_of(chosen, parts, number)
        assert not dealt.keys() & mine.keys()
        dealt |= mine
    assert dealt == by_customer(whole, chosen)


def test_the_whole_is_known_without_being_held(both):
    whole, parts = both
    assert parts.manifest.vocabulary == Vocabulary.of(whole)
    assert FeatureSet.default(parts.manifest.vocabulary, JOURNEY) == FeatureSet.default(whole, JOURNEY)
    assert (parts.start, parts.end) == (whole.start, whole.end)
    assert (sum(parts.manifest.events), sum(parts.manifest.customers)) == (whole.n_events, whole.n_customers)
    assert {parts.log(number).end for number in range(len(parts))} == {whole.end}


def test_partitions_open_as_they_were_written(both):
    _, parts = both
    assert Partitions.open(parts.folder) == parts


def test_one_process_and_several_answer_alike_and_in_order(parts):
    told = []
    assert list(map_partitions(doubled, parts, workers=2, on_progress=told.append)) == [0, 2, 4]
    assert list(map_partitions(doubled, parts, workers=1)) == [0, 2, 4]
    assert sum(told) == pytest.approx(1.0)


def test_a_process_that_dies_is_one_sentence():
    with pytest.raises(PartitionError, match="a process that worked on a partition died"):
        list(map_here(os._exit, total=2, workers=2))


def test_a_cluster_answers_with_the_same_bits(both, cluster):
    _, parts = both
    chosen = FeatureSet.default(parts.manifest.vocabulary, JOURNEY)
    task = module.partial(features_of, chosen)
    assert list(map_partitions(task, parts, dask=cluster)) == list(map_partitions(task, parts, workers=1))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "http://127.0.0.1:9"])
def test_an_address_without_a_scheduler_is_one_sentence(parts, monkeypatch, address):
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.3)
    with pytest.raises(PartitionError, match=f"no Dask scheduler answers at {address}.*'dask scheduler'"):
        list(map_partitions(doubled, parts, dask=address))


def test_a_folder_of_something_else_is_an_error(tmp_path):
    with pytest.raises(PartitionError, match="no finished partition folder"):
        Partitions.open(tmp_path)


@pytest.mark.parametrize("damage", ["gone", "nonsense", "other"])
def test_a_damaged_partition_is_named(tmp_path, damage):
    source = tmp_path / "events.parquet"
    random_events().to_parquet(source)
    parts = write_partitions(source, tmp_path / "parts", Division(2))
    first, second = (parts.folder / "events" / f"0000{number}.parquet" for number in range(2))
    if damage == "gone":
        second.unlink()
    elif damage == "nonsense":
        second.write_bytes(b"nonsense")
    else:
        first.replace(second)
    with pytest.raises(PartitionError, match=r"partition 1 of .* is damaged|partitions\.json says"):
        parts.log(1)


def test_a_number_of_events_that_does_not_fit_is_an_error(parts):
    other = replace(parts, manifest=replace(parts.manifest, events=(1, 1, 1)))
    with pytest.raises(PartitionError, match=r"events of .* customers, and partitions\.json says 1 of"):
        other.log(0)

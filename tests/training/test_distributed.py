"""Training on partitions is training on the whole log; on a cluster only the trees may differ."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import JourneyError, PartitionError
from features.journey import Journey, load_journey
from features.partitions import Partitions
from features.sources.partitioner import Division, write_partitions
from models.hazards import BIN
from tests.conftest import RECIPE
from tests.data import generated_events
from training.distributed import train_partitions
from training.recipe import MODEL
from training.train import Training

SHARE = 0.15
"""How far apart the skills may be, log loss less than that of prevalence: bagging draws other rows, and on a few
hundred rows another kind of calibrator may be chosen."""
FEW_ROUNDS = replace(RECIPE, options=replace(RECIPE.options, rounds=10))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Partitions:
    folder = tmp_path_factory.mktemp("parts")
    generated_events().to_parquet(folder / "events.parquet")
    return write_partitions(folder / "events.parquet", folder / "parts", Division(5))


def test_the_models_are_those_of_the_whole_log_byte_for_byte(
    parts: Partitions, training: Training, journey: Journey
) -> None:
    told: list[float] = []
    divided = train_partitions(parts, journey, RECIPE, on_progress=told.append)
    assert divided.predictor.fingerprint == training.predictor.fingerprint
    texts = [[model.boosted.classifier.to_text() for model in each.predictor.models] for each in (divided, training)]
    assert texts[0] == texts[1]
    for one, other in zip(divided.results, training.results, strict=True):
        assert one.metrics == other.metrics
    assert divided.predictor.spend is not None
    for fact in ("customers", "events", "start", "end", "periods", "recipe", "fitted", "metrics", "spend_metrics"):
        assert divided.predictor.facts[fact] == training.predictor.facts[fact]
    assert sum(told) == pytest.approx(1.0)


def test_on_a_cluster_the_rows_have_the_same_bits_and_the_models_are_as_good(
    parts: Partitions, journey: Journey, cluster: str
) -> None:
    here = train_partitions(parts, journey, FEW_ROUNDS)
    there = train_partitions(parts, journey, FEW_ROUNDS, dask=cluster)
    assert there.predictor.feature_set == here.predictor.feature_set
    for one, other in zip(there.results, here.results, strict=True):
        assert one.y.tobytes() == other.y.tobytes()
        for name in ("prevalence", "markov", "recency_frequency"):
            assert np.array_equal(one.probabilities[name], other.probabilities[name])
        skill = [
            1.0 - result.metrics[MODEL]["log_loss"] / result.metrics["prevalence"]["log_loss"]
            for result in (one, other)
        ]
        assert skill[0] == pytest.approx(skill[1], abs=SHARE)
    for mine, theirs in zip(there.spend_results, here.spend_results, strict=True):
        assert mine.actual.tobytes() == theirs.actual.tobytes()
        assert mine.metrics["mean_spend"] == theirs.metrics["mean_spend"]
        assert mine.metrics[MODEL]["mae"] == pytest.approx(theirs.metrics[MODEL]["mae"], rel=0.05)
    for model in there.predictor.models:
        assert model.boosted.classifier.importance().keys() == {*here.predictor.feature_set.columns, BIN}


def test_a_journey_that_does_not_fit_is_refused_before_anything_is_read(parts: Partitions, tmp_path: Path) -> None:
    elsewhere = replace(parts, folder=tmp_path)
    with pytest.raises(JourneyError, match="no event under 'activity' is in the log"):
        train_partitions(elsewhere, load_journey("ecommerce"), RECIPE)


def test_a_partition_that_is_gone_is_one_sentence_here_and_there(
    parts: Partitions, tmp_path: Path, journey: Journey, cluster: str
) -> None:
    elsewhere = replace(parts, folder=tmp_path)
    for dask in (None, cluster):
        with pytest.raises(PartitionError, match=r"partition \d of .* is damaged: no file at"):
            train_partitions(elsewhere, journey, RECIPE, dask=dask)

"""Models are good for the right reason: without a link between past and future there is no skill."""

import numpy as np
import pytest

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Churn, NextStage
from tests.conftest import RECIPE
from tests.data import generated_events
from training.placebo import PlaceboRecipe
from training.train import MODEL, train


def test_shuffled_labels_give_no_skill(journey: Journey) -> None:
    log = log_from_frame(generated_events(customers=1200))
    for result in train(log, journey, PlaceboRecipe(options=RECIPE.options)).results:
        model, largest_share = result.metrics[MODEL], np.bincount(result.y).max() / len(result.y)
        if "auc" in model:
            assert model["auc"] == pytest.approx(0.5, abs=0.03)
        assert model["accuracy"] < largest_share + 0.02


def test_shuffling_keeps_the_classes_of_every_cutoff(log: EventLog, journey: Journey) -> None:
    _, churn, _ = PlaceboRecipe().targets()
    for cutoff in np.quantile(log.time, [0.4, 0.6, 0.8]).astype(np.int64):
        snapshots = Snapshots.grid(log, np.array([cutoff]))
        real, dealt = (target.labels(log, journey, snapshots) for target in (Churn("28d"), churn))
        assert np.bincount(real + 1).tolist() == np.bincount(dealt + 1).tolist()
        assert (real != dealt).any()


def test_shuffled_targets_ask_the_same_questions(journey: Journey) -> None:
    next_stage, _, _ = PlaceboRecipe("14d").targets()
    assert next_stage.name == "next_stage_14d"
    assert next_stage.classes(journey) == NextStage("14d").classes(journey)

"""Models are good for the right reason: without a link between past and future there is no skill."""

import numpy as np
import pytest

from features.events import EventLog
from features.ingest import log_from_frame
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import Churn, NextStage
from features.timeline import stage_timeline
from models.metrics import log_loss
from tests.conftest import RECIPE
from tests.data import generated_events
from training.placebo import PlaceboRecipe
from training.recipe import MODEL
from training.result import Result
from training.train import train


def test_shuffled_labels_give_no_skill(journey: Journey) -> None:
    log = log_from_frame(generated_events(customers=1200))
    for result in train(log, journey, PlaceboRecipe(options=RECIPE.options)).results:
        model = result.metrics[MODEL]
        if "auc" in model:
            assert model["auc"] == pytest.approx(0.5, abs=0.03)
        assert model["log_loss"] > entropy_by_stage(result) - 0.01


def entropy_by_stage(result: Result) -> float:
    """Returns the least log loss of whoever knows nothing but the stage and what share of it will have each answer."""
    counts = np.zeros((result.stage.max() + 1, len(result.classes)))
    np.add.at(counts, (result.stage, result.y), 1.0)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return log_loss(shares[result.stage], result.y)


def test_shuffling_keeps_what_comes_at_every_cutoff(log: EventLog, journey: Journey) -> None:
    _, churn, _ = PlaceboRecipe().targets()
    for cutoff in np.quantile(log.time, [0.4, 0.6, 0.8]).astype(np.int64):
        snapshots = Snapshots.grid(log, np.array([cutoff]))
        real, dealt = (target.firsts(log, journey, snapshots).wait for target in (Churn(), churn))
        assert sorted(real) == sorted(dealt)
        assert (real != dealt).any()


def test_nobody_is_dealt_a_move_to_the_own_stage(log: EventLog, journey: Journey) -> None:
    next_stage, _, _ = PlaceboRecipe().targets()
    snapshots = Snapshots.at(log, int(np.quantile(log.time, 0.6)))
    stage = stage_timeline(log, journey).stage_at(snapshots.customer, snapshots.cutoff)
    assert (next_stage.firsts(log, journey, snapshots).cause != stage).all()


def test_shuffled_targets_ask_the_same_questions(journey: Journey) -> None:
    next_stage, _, _ = PlaceboRecipe("7d", ("7d", "14d")).targets()
    assert (next_stage.kind, next_stage.horizons) == ("next_stage", ("7d", "14d"))
    assert next_stage.classes(journey) == NextStage().classes(journey)

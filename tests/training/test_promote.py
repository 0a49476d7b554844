from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient

from features.errors import PredictorError, PromotionError
from features.events import EventLog
from features.sources.files import read_log
from models.classifier import BoostingOptions
from models.predictor import Predictor
from models.registry import load_predictor, log_predictor, replaced_by, version_at
from tests.training.conftest import trained
from training.comparison import recipe_of
from training.promote import VERDICT, promote
from training.run import TrainingRun, example_events, open_folder


@pytest.fixture
def events(folder: Path) -> EventLog:
    return read_log(open_folder(folder).data.events)


def nobody_asks() -> EventLog:
    raise AssertionError("the events are read although nothing is compared")


def register(predictor: Predictor, name: str, events: EventLog) -> str:
    with mlflow.start_run(experiment_id=mlflow.get_experiment_by_name("nextstage").experiment_id):
        return log_predictor(predictor, name, example_events(events))


def written_verdict(name: str, version: str) -> dict[str, Any]:
    run = MlflowClient().get_model_version(name, version).run_id
    found: dict[str, Any] = mlflow.artifacts.load_dict(f"runs:/{run}/{VERDICT}")
    return found


def test_promoting_moves_the_alias_from_version_to_version(run: TrainingRun, folder: Path) -> None:
    name = run.model_name
    # on so few customers some target may be graded C
    assert promote(name, nobody_asks, run.version, force=True).version == run.version
    second = trained(open_folder(folder))
    assert second.training.predictor.fingerprint == run.training.predictor.fingerprint
    assert version_at(name, "champion") == run.version
    promotion = promote(name, nobody_asks, force=True)
    assert (promotion.previous, promotion.version) == (run.version, second.version)
    assert promotion.comparison.sentence.startswith(f"made as version {run.version} was, from data up to 20")
    assert load_predictor(f"models:/{name}@champion").version == second.version
    assert replaced_by(name, second.version)[0] == run.version


def test_a_version_that_does_not_exist_is_not_promoted(run: TrainingRun) -> None:
    before = version_at(run.model_name, "champion")
    with pytest.raises(PredictorError, match="no model at"):
        promote(run.model_name, nobody_asks, "99")
    with pytest.raises(PromotionError, match="has no challenger to promote"):
        promote("another", nobody_asks)
    assert version_at(run.model_name, "champion") == before


def test_what_is_no_better_than_its_baseline_is_promoted_by_force_only(run: TrainingRun, events: EventLog) -> None:
    grades = {"churn_28d": {"grade": "C", "reason": "C: no better than its baseline"}}
    poor = replace(run.training.predictor, facts={**run.training.predictor.facts, "grades": grades})
    version = register(poor, "graded", events)
    with pytest.raises(PromotionError, match="churn_28d is C: no better than its baseline; improve it, or use --force"):
        promote("graded", nobody_asks, version)
    assert version_at("graded", "champion") is None
    assert promote("graded", nobody_asks, version, force=True).forced
    tags = MlflowClient().get_model_version("graded", version).tags
    assert tags["forced"] == "true"
    assert "no better than its baseline" in tags["verdict"]


def test_a_worse_recipe_does_not_replace_the_champion(run: TrainingRun, events: EventLog) -> None:
    good = run.training.predictor
    recipe = recipe_of(good)
    blind = replace(recipe, options=BoostingOptions(rounds=1, learning_rate=0.01, threads=1))
    worse = replace(good, facts={**good.facts, "recipe": blind.to_dict(), "grades": {}})
    better = replace(good, facts={**good.facts, "grades": {}})
    first, second = register(better, "contest", events), register(worse, "contest", events)
    promote("contest", nobody_asks, first)
    shares: list[float] = []
    with pytest.raises(PromotionError, match="keep the champion: the challenger is worse in"):
        promote("contest", lambda: events, second, on_progress=shares.append)
    assert sum(shares) == pytest.approx(1.0)
    assert version_at("contest", "champion") == first
    told = written_verdict("contest", second)
    assert (told["version"], told["previous"], told["promoted"]) == (second, first, False)
    assert told["comparison"]["decision"] == "keep"
    assert len(told["comparison"]["folds"]) == 2
    targets = {entry["target"]: entry["differences"] for entry in told["comparison"]["targets"]}
    assert targets.keys() == {"next_stage_28d", "churn_28d", "purchase_28d"}
    assert all(each["low"] <= each["difference"] <= each["high"] for row in targets.values() for each in row)
    assert written_verdict("contest", first)["promoted"]


def test_a_champion_that_nothing_can_be_compared_with_is_replaced_by_force_only(
    run: TrainingRun, events: EventLog
) -> None:
    good = replace(run.training.predictor, facts={**run.training.predictor.facts, "grades": {}})
    silent = replace(good, facts={name: fact for name, fact in good.facts.items() if name != "recipe"})
    first, second = register(silent, "silent", events), register(good, "silent", events)
    promote("silent", nobody_asks, first)
    with pytest.raises(PromotionError, match="it cannot be compared with the champion, version 1: the predictor does"):
        promote("silent", nobody_asks, second)
    assert version_at("silent", "champion") == first
    promotion = promote("silent", nobody_asks, second, force=True)
    assert promotion.forced
    assert written_verdict("silent", second)["objections"] == list(promotion.objections)
    assert version_at("silent", "champion") == second

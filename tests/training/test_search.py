from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient

from features.errors import ConfigError
from models.classifier import BoostingOptions
from tests.training.conftest import CONFIG, NOW
from training.config import load_config
from training.run import TrainingRun, open_folder, read_events
from training.search import model_block, rehearse, run_search, write_model_block
from training.tune import SPACE, Budget

BEST = replace(BoostingOptions(), rounds=123, learning_rate=0.05)


def test_every_trial_is_a_run_within_the_run_of_the_search(run: TrainingRun, folder: Path, tmp_path: Path) -> None:
    assert run.version
    config = open_folder(folder).model_copy(update={"horizons": ("14d",), "horizon": "14d"})
    rehearsal = rehearse(config, partial(read_events, config, NOW))
    found = run_search(config, rehearsal, tmp_path, Budget(2))
    client = MlflowClient()
    runs = client.search_runs([client.get_experiment_by_name("nextstage").experiment_id])
    outer = next(each for each in runs if each.info.run_name == "tune")
    assert outer.data.tags["data_hash"] == rehearsal.facts["data_hash"]
    inner = [each for each in runs if each.data.tags.get("mlflow.parentRunId") == outer.info.run_id]
    assert len(inner) == 2 <= found.finished + found.pruned
    for trial in inner:
        assert SPACE.keys() <= trial.data.params.keys()
        assert "churn_14d/log_loss" in trial.data.metrics
        assert trial.data.metrics["relative_log_loss"] > 0
    assert mlflow.active_run() is None


@pytest.mark.parametrize(
    "text",
    [
        CONFIG,
        "data: {events: e.csv}\n\njourney: retail\n",
        "data: {events: e.csv}\njourney: retail",  # no end of line
        "# top\nmodel:  # mine\n  rounds: 10\n\n  # inside\n  threads: 1\n\n"
        "# about the journey\njourney: retail # ready\ndata:\n  events: e.csv\n",
        "journey: retail\ndata: {events: e.csv}\nmodel: {rounds: 10,\n  threads: 1}\n",
    ],
)
def test_the_best_options_are_written_and_the_rest_stays(text: str, tmp_path: Path) -> None:
    path = tmp_path / "nextstage.yaml"
    path.write_text(text, encoding="utf-8")
    before = load_config(path)
    write_model_block(path, model_block(before.model, BEST))
    after = load_config(path)
    searched = {name: asdict(BEST)[name] for name in SPACE}
    assert after.model.options() == replace(before.model.options(), **searched)
    assert after.model_copy(update={"model": before.model}) == before
    written = path.read_text(encoding="utf-8")
    for kept in ("# top", "# about the journey", "journey: retail # ready", "data: {events: e.csv}"):
        assert (kept in written) == (kept in text)
    assert [file.name for file in tmp_path.iterdir()] == ["nextstage.yaml"]
    write_model_block(path, model_block(after.model, BEST))
    assert path.read_text(encoding="utf-8") == written  # the second time nothing changes


def test_a_layout_in_which_the_block_has_no_lines_of_its_own_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "nextstage.yaml"
    path.write_text("{data: {events: e.csv}, journey: retail}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"cannot be replaced .* write it there by hand"):
        write_model_block(path, model_block(load_config(path).model, BEST))
    assert path.read_text(encoding="utf-8") == "{data: {events: e.csv}, journey: retail}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["nextstage.yaml"]

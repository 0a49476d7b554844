import json
from pathlib import Path

import pytest

from features.errors import ConfigError, EventLogError, FeatureError
from features.ingest import log_from_frame
from features.sources.files import read_log
from tests.training.conftest import CONFIG, NOW
from training.run import example_events, open_folder, run_training


def test_example_events_can_be_read_back(folder: Path) -> None:
    example = example_events(read_log(folder / "events.parquet"))
    assert log_from_frame(example).n_events == len(example) == 20
    assert json.loads(example.to_json(orient="records"))


def test_a_folder_without_a_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no file at .*nextstage\.yaml"):
        open_folder(tmp_path)


def test_features_of_a_file_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG + "features: own.yaml\n", encoding="utf-8")
    (tmp_path / "own.yaml").write_text("features: [{aggregation: Cuont}]\n", encoding="utf-8")
    with pytest.raises(
        FeatureError, match=r"own.yaml: feature 1: aggregation 'Cuont' is unknown; did you mean 'Count'"
    ):
        run_training(open_folder(tmp_path), NOW)


def test_features_of_a_file_that_do_not_fit_the_events_say_so(folder: Path) -> None:
    (folder / "own.yaml").write_text("features: [{aggregation: Count, values: [purchse]}]\n", encoding="utf-8")
    config = open_folder(folder).model_copy(update={"features": str(folder / "own.yaml")})
    with pytest.raises(FeatureError, match="event 'purchse' is unknown; did you mean 'purchase'"):
        run_training(config, NOW)


def test_a_missing_event_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(EventLogError, match="no file at"):
        run_training(open_folder(tmp_path), NOW)

import json
from pathlib import Path

import numpy as np
import pytest

from features.durations import parse_duration
from features.errors import ConfigError, EventLogError, FeatureError
from features.ingest import log_from_frame
from features.sources.files import read_log
from features.sources.partitioner import Division, write_partitions
from tests.training.conftest import CONFIG, trained
from training.run import TrainingRun, example_events, feature_grid, open_folder


def test_example_events_can_be_read_back(folder: Path) -> None:
    log = read_log(folder / "events.parquet")
    example = example_events(log)
    assert not set(example["customer_id"]) & set(log.customers), "the registry keeps it when customers are erased"
    assert log_from_frame(example).n_events == len(example) == 20
    assert json.loads(example.to_json(orient="records"))


def test_a_folder_without_a_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no nextstage\.yaml in "):
        open_folder(tmp_path)


def test_features_of_a_file_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG + "features: own.yaml\n", encoding="utf-8")
    (tmp_path / "own.yaml").write_text("features: [{aggregation: Cuont}]\n", encoding="utf-8")
    with pytest.raises(
        FeatureError, match=r"own.yaml: feature 1: aggregation 'Cuont' is unknown; did you mean 'Count'"
    ):
        trained(open_folder(tmp_path))


def test_features_of_a_file_that_do_not_fit_the_events_say_so(folder: Path) -> None:
    (folder / "own.yaml").write_text("features: [{aggregation: Count, values: [purchse]}]\n", encoding="utf-8")
    config = open_folder(folder).model_copy(update={"features": str(folder / "own.yaml")})
    with pytest.raises(FeatureError, match="event 'purchse' is unknown; did you mean 'purchase'"):
        trained(config)


def test_a_missing_event_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(EventLogError, match="no file at"):
        trained(open_folder(tmp_path))


def test_partitions_train_the_version_that_their_events_do(run: TrainingRun, folder: Path) -> None:
    parts = write_partitions(folder / "events.parquet", folder / "parts", Division(3))
    divided = trained(open_folder(folder), partitions=parts)
    assert divided.training.predictor.fingerprint == run.training.predictor.fingerprint
    grid = feature_grid(open_folder(folder), parts)
    assert grid.feature_set == run.training.predictor.feature_set
    assert grid.cutoffs[-1] + parse_duration("7d") == parts.end
    assert (np.diff(grid.cutoffs) > 0).all()

import json
from pathlib import Path

import pytest

from features.errors import ConfigError, EventLogError
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


def test_a_missing_event_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.raises(EventLogError, match="no file at"):
        run_training(open_folder(tmp_path), NOW)

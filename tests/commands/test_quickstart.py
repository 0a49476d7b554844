"""Quickstart's own rules; the whole run on real data is the last step of .ci/run."""

from pathlib import Path

import pytest

from commands.quickstart import AUDIENCE, CONFIGURATION, _prepare, own_settings
from features.errors import ConfigError
from training.config import load_config


def test_the_configuration_it_writes_is_valid(tmp_path: Path) -> None:
    _prepare(tmp_path)
    config = load_config(tmp_path / "nextstage.yaml")
    assert (config.journey, config.horizon) == ("retail", "28d")


def test_preparing_twice_is_fine_and_a_foreign_configuration_is_kept(tmp_path: Path) -> None:
    _prepare(tmp_path)
    _prepare(tmp_path)
    path = tmp_path / "nextstage.yaml"
    path.write_text(CONFIGURATION + "# mine\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="give an empty folder by --dir"):
        _prepare(tmp_path)
    assert path.read_text(encoding="utf-8").endswith("# mine\n")


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "events.parquet").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="give an empty folder by --dir"):
        _prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_its_store_and_registry_are_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTAGE_DATABASE_URL", "sqlite:///production.db")
    assert own_settings(tmp_path).database_url == f"sqlite:///{tmp_path / 'nextstage.db'}"
    _prepare(tmp_path)
    assert load_config(tmp_path / "nextstage.yaml").tracking.uri == f"sqlite:///{tmp_path / 'mlflow.db'}"


def test_its_audience_is_about_churn() -> None:
    assert (AUDIENCE.order_by, AUDIENCE.top) == ("churn_28d", 200)

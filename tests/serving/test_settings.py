import re
from pathlib import Path
from typing import Any

import pytest

from features.errors import ConfigError
from serving.settings import Settings, credential


def test_without_variables_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.from_environment(tmp_path, environment={})
    assert settings == Settings(
        f"sqlite:///{tmp_path}/nextstage.db", "models:/nextstage@champion", 1, folder=str(tmp_path)
    )
    assert Settings.from_environment(environment={}).folder is None


def test_a_child_reads_the_settings_of_its_parent() -> None:
    settings = Settings(
        "sqlite:///other.db", "models:/other/3", 4, 2.5, 60.0, folder="/work", shadow="models:/other@challenger"
    )
    environment = settings.to_environment({"HOME": "/home/me"})
    assert Settings.from_environment(environment=environment) == settings
    assert environment["HOME"] == "/home/me"


def test_nothing_is_reported_to_anyone_and_a_prediction_has_one_thread() -> None:
    environment = Settings().to_environment({})
    assert environment["BENTOML_DO_NOT_TRACK"] == "True"
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize("workers", ["0", "-1", "two", "", "1.5", "²"])
def test_a_bad_number_of_workers_is_one_sentence(workers: str) -> None:
    with pytest.raises(ConfigError, match="give a whole number of processes, at least 1"):
        Settings.from_environment(environment={"NEXTSTAGE_WORKERS": workers})


@pytest.mark.parametrize("name", ["NEXTSTAGE_RATE", "NEXTSTAGE_TIMEOUT"])
@pytest.mark.parametrize("number", ["0", "-1", "many", "", "nan", "inf"])
def test_a_limit_that_is_none_is_one_sentence(name: str, number: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is '{number}'; give a number above 0"):
        Settings.from_environment(environment={name: number})


def test_a_credential_comes_from_the_environment_or_nothing_is_sent() -> None:
    assert credential("TOKEN", {"TOKEN": "abc"}) == "abc"
    with pytest.raises(ConfigError, match="the environment has no TOKEN"):
        credential("TOKEN", {"TOKEN": ""})


def test_a_bento_serves_its_own_model_and_is_told_where_events_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a Bento keeps no events in itself; set NEXTSTAGE_DATABASE_URL"):
        Settings.from_environment(environment={}, packed=tmp_path)
    told = {"NEXTSTAGE_DATABASE_URL": "sqlite:////data/nextstage.db"}
    assert Settings.from_environment(environment=told, packed=tmp_path).model == str(tmp_path)
    assert Settings.from_environment(environment=told, packed=tmp_path / "none").model == "models:/nextstage@champion"


def test_the_table_of_settings_is_the_one_that_is_read() -> None:
    """Every variable that is read stands in the documentation with its default, and no other does."""
    page = (Path(__file__).parent.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(NEXTSTAGE_\w+)` \| ([^|]+) \|", page, re.MULTILINE))
    read: set[str] = set()

    class Noted(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return super().get(name, default)

        def __contains__(self, name: object) -> bool:
            read.add(str(name))
            return super().__contains__(name)

    defaults = Settings.from_environment(environment=Noted())
    assert table.keys() == {name for name in read if name.startswith("NEXTSTAGE_")}
    told = defaults.to_environment({})
    for name in ("NEXTSTAGE_WORKERS", "NEXTSTAGE_RATE", "NEXTSTAGE_TIMEOUT"):
        assert float(table[name].strip("`")) == float(told[name])

from pathlib import Path

import pytest

from features.errors import ConfigError
from serving.settings import Settings, credential


def test_without_variables_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.from_environment(tmp_path, environment={})
    assert settings == Settings(f"sqlite:///{tmp_path}/nextstage.db", "models:/nextstage@champion", 1)


def test_a_child_reads_the_settings_of_its_parent() -> None:
    settings = Settings("sqlite:///other.db", "models:/other/3", 4, 2.5, 60.0, shadow="models:/other@challenger")
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

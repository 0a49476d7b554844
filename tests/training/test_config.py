import re
from pathlib import Path

import pytest

from features.errors import ConfigError
from training.config import DataConfig, ModelConfig, PeriodConfig, load_config


def written(folder: Path, text: str) -> Path:
    path = folder / "nextstage.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    config = load_config(
        written(tmp_path, "data: {events: e.parquet}\njourney: own.yaml\ntracking: {uri: 'sqlite:///m.db'}\n")
    )
    assert config.data.events == str(tmp_path / "e.parquet")
    assert config.journey == str(tmp_path / "own.yaml")
    assert config.tracking.uri == f"sqlite:///{tmp_path / 'm.db'}"


def test_every_key_and_its_default_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    told: dict[str, str] = {}
    for names, defaults in re.findall(r"^\| ((?:`[\w.]+`(?:, )?)+) \| ([^|]+) \|", page, re.MULTILINE):
        keys = re.findall(r"`([\w.]+)`", names)
        values = re.findall(r"`([^`]+)`", defaults) or [defaults] * len(keys)
        told |= dict(zip(keys, values * (1 if len(values) == len(keys) else len(keys)), strict=True))
    for block, model in {"data": DataConfig, "periods": PeriodConfig, "model": ModelConfig}.items():
        for name, field in model.model_fields.items():
            empty = "none" if field.default in (None, ()) else str(field.default)
            assert told[f"{block}.{name}"] == empty


def test_a_ready_journey_keeps_its_name(tmp_path: Path) -> None:
    assert load_config(written(tmp_path, "data: {events: e.csv}\njourney: retail\n")).journey == "retail"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data: {events: e.csv}\njourney: retail\nhorizn: 7d\n", "unknown key 'horizn'; did you mean 'horizon'?"),
        ("data: {event: e.csv}\njourney: retail\n", "data.event"),
        ("data: {events: e.csv}\n", "key 'journey' is missing; add it"),
        ("data: {events: e.csv}\njourney: retail\nhorizon: 28\n", "horizon"),
        ("data: {events: e.csv}\njourney: retail\nperiods: {every: 7}\n", "periods.every"),
        ("data: {events: e.csv}\njourney: retail\nperiods: {every: 7x}\n", "has no unit"),
        ("data: [\n", "cannot be read as YAML"),
        ("data: {events: e.csv}\njourney: retail\njourney: shop\n", "key 'journey' stands twice"),
        ("", "holds nothing"),
        ("just text\n", "not keys and values"),
    ],
)
def test_a_wrong_file_is_one_sentence_that_names_the_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says.replace("?", r"\?")) as error:
        load_config(written(tmp_path, text))
    assert "\n" not in str(error.value)


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no nowhere\.yaml in .*; write one, or name the folder"):
        load_config(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ("[next_stage, chrun]", "target 'chrun' is unknown; did you mean 'churn'"),
        ("[churn]", "'next_stage' is always predicted"),
    ],
)
def test_targets_are_known_and_the_next_stage_is_one_of_them(tmp_path: Path, targets: str, words: str) -> None:
    path = tmp_path / "nextstage.yaml"
    path.write_text(f"data: {{events: e.csv}}\njourney: retail\ntargets: {targets}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        load_config(path)


def test_the_main_horizon_is_one_of_the_horizons(tmp_path: Path) -> None:
    path = tmp_path / "nextstage.yaml"
    path.write_text("data: {events: e.csv}\njourney: retail\nhorizons: [7d, 14d]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="horizon '28d' is none of 'horizons'; known: 14d, 7d"):
        load_config(path)

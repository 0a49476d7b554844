"""What nextstage.yaml says holds for import, score and serve too."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from commands.opened import opened_store
from commands.options import TableReading
from commands.workspace import (
    asked_since,
    division,
    event_source,
    import_files,
    opened_partitions,
    service_settings,
)
from features.errors import ConfigError, EventLogError, NextstageError, StoreError
from features.journey import load_journey
from models.classifier import BoostingOptions
from serving.consents import Consent
from serving.settings import Settings
from serving.store import Store
from tests.data import generated_events
from tests.serving.conftest import database_url as database_url
from training.config import PeriodConfig, load_config
from training.recipe import Recipe
from training.train import train

YAML = """\
data: {events: events.csv, attributes: people.csv, timezone: Europe/Warsaw, measures: [points]}
journey: retail
tracking: {uri: 'sqlite:///registry.db', model_name: shop}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nextstage.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "people.csv").write_text("customer_id,age\na,31\n", encoding="utf-8")
    (tmp_path / "events.csv").write_text(
        "customer_id,timestamp,event,points\na,2026-01-01 12:00,purchase,3\na,2026-01-01 12:00,purchase,3\n",
        encoding="utf-8",
    )
    return tmp_path


def test_files_are_imported_as_training_reads_them(folder: Path) -> None:
    assert import_files(folder, str(folder / "events.csv"), TableReading()) == (2, 2)
    with Store(Settings.from_environment(folder).database_url) as store:
        log = store.log()
    assert log.measures["points"].tolist() == [3.0, 3.0]
    assert log.attributes["age"].tolist() == [31.0]
    assert log.time.tolist() == [1_767_265_200_000_000] * 2  # 11:00 UTC


def test_the_same_file_imported_twice_counts_once(folder: Path) -> None:
    import_files(folder, str(folder / "events.csv"), TableReading())
    assert import_files(folder, str(folder / "events.csv"), TableReading()) == (0, 2)


def test_an_option_stands_in_for_what_the_file_says(folder: Path) -> None:
    import_files(folder, str(folder / "events.csv"), TableReading(timezone="UTC"))
    with Store(Settings.from_environment(folder).database_url) as store:
        assert store.log().time.tolist() == [1_767_268_800_000_000] * 2


def test_an_event_in_the_future_is_not_stored(folder: Path) -> None:
    (folder / "typo.csv").write_text(
        "customer_id,timestamp,event,points\na,2226-01-01 12:00,purchase,3\n", encoding="utf-8"
    )
    with pytest.raises(EventLogError, match=r"typo\.csv line 2 lies in the future"):
        import_files(folder, str(folder / "typo.csv"), TableReading())


def test_the_model_served_is_the_one_trained_here(folder: Path) -> None:
    assert service_settings(folder).model == "models:/shop@champion"


def test_without_a_configuration_the_default_model_is_served(tmp_path: Path) -> None:
    assert service_settings(tmp_path).model == "models:/nextstage@champion"


def test_events_are_divided_as_training_reads_them(folder: Path) -> None:
    how = division(folder, 3, TableReading())
    assert (how.partitions, how.attributes) == (3, str(folder / "people.csv"))
    assert (how.schema.timezone, how.schema.measures) == ("Europe/Warsaw", ("points",))
    other = division(folder, None, TableReading("other.csv", "UTC"))
    assert (other.attributes, other.schema.timezone) == ("other.csv", "UTC")


def test_a_cluster_without_partitions_has_nothing_to_work_on() -> None:
    assert opened_partitions(None, None) is None
    with pytest.raises(ConfigError, match="name its folder by --partitions as well"):
        opened_partitions(None, "tcp://127.0.0.1:8786")


def test_changes_are_asked_for_since_a_moment_or_since_the_last_run() -> None:
    assert asked_since(None) is None
    assert asked_since("last") is None
    assert asked_since("1970-01-01T00:00:01Z") == 1_000_000
    with pytest.raises(NextstageError, match="--changed-since 'yesterday' is no time with a zone"):
        asked_since("yesterday")


@pytest.fixture
def shop(tmp_path: Path) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """A folder whose nextstage.yaml names files of synthetic events, some known late, and of dated attributes."""
    events = generated_events(customers=120, days=200)
    late = events["timestamp"] + pd.to_timedelta(np.arange(len(events)) % 50, unit="h")
    events = events.assign(
        event_id=[f"e{row}" for row in range(len(events))], known_at=late.where(np.arange(len(events)) % 5 == 0)
    )
    people = pd.DataFrame(
        {
            "customer_id": [f"c{number:04d}" for number in range(0, 120, 2)] * 2,
            "valid_from": ["2024-01-01T00:00:00Z"] * 60 + ["2024-03-01T00:00:00Z"] * 60,
            "tier": ["basic", "gold", "silver"] * 40,
        }
    )
    (tmp_path / "nextstage.yaml").write_text(
        "data: {events: events.parquet, attributes: people.csv}\njourney: retail\n", encoding="utf-8"
    )
    return tmp_path, events, people


def written(folder: Path, events: pd.DataFrame, people: pd.DataFrame) -> None:
    events.to_parquet(folder / "events.parquet")
    people.to_csv(folder / "people.csv", index=False)


def test_a_model_trained_from_the_store_is_byte_for_byte_that_of_the_file(
    shop: tuple[Path, pd.DataFrame, pd.DataFrame], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who opted out are in the store and not in the file: to training they have never been there."""
    folder, events, people = shop
    written(folder, events, people)
    monkeypatch.setenv("NEXTSTAGE_DATABASE_URL", database_url)
    import_files(folder, str(folder / "events.parquet"), TableReading())
    left = ["c0000", "c0003"]
    with opened_store(folder) as store:
        store.add_consents([Consent(name, "revoked", 1, "form") for name in left])
    written(folder, events[~events["customer_id"].isin(left)], people)
    options = BoostingOptions(rounds=4, learning_rate=0.2, min_data_in_leaf=10, threads=1)
    recipe = Recipe(horizons=("7d", "28d"), periods=PeriodConfig(test="42d"), options=options)
    config = load_config(folder / "nextstage.yaml")
    for place, from_store in (("file", False), ("store", True)):
        log = event_source(folder, config, from_store)()
        train(log, load_journey("retail"), recipe).predictor.save(folder / place)
    names = sorted(path.name for path in (folder / "file").iterdir())
    assert "predictor.json" in names
    assert names == sorted(path.name for path in (folder / "store").iterdir())
    for name in names:
        assert (folder / "store" / name).read_bytes() == (folder / "file" / name).read_bytes()


def test_without_a_file_of_events_the_store_is_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text("journey: retail\n", encoding="utf-8")
    config = load_config(tmp_path / "nextstage.yaml")
    with pytest.raises(ConfigError, match=r"names no 'data.events'; name a file, or say --from-store"):
        event_source(tmp_path, config, from_store=False)()
    with pytest.raises(StoreError, match="the event store is empty; add events first"):
        event_source(tmp_path, config, from_store=True)()

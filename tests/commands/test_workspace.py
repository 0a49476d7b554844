"""What nextstage.yaml says holds for import, score and serve too."""

from pathlib import Path

import pytest

from commands.workspace import (
    division,
    import_files,
    opened_partitions,
    service_settings,
)
from features.errors import ConfigError, EventLogError
from serving.settings import Settings
from serving.store import Store

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
    assert import_files(folder, str(folder / "events.csv"), None, None) == (2, 2)
    with Store(Settings.from_environment(folder).database_url) as store:
        log = store.log()
    assert log.measures["points"].tolist() == [3.0, 3.0]
    assert log.attributes["age"].tolist() == [31.0]
    assert log.time.tolist() == [1_767_265_200_000_000] * 2  # 11:00 UTC


def test_the_same_file_imported_twice_counts_once(folder: Path) -> None:
    import_files(folder, str(folder / "events.csv"), None, None)
    assert import_files(folder, str(folder / "events.csv"), None, None) == (0, 2)


def test_an_option_stands_in_for_what_the_file_says(folder: Path) -> None:
    import_files(folder, str(folder / "events.csv"), None, "UTC")
    with Store(Settings.from_environment(folder).database_url) as store:
        assert store.log().time.tolist() == [1_767_268_800_000_000] * 2


def test_an_event_in_the_future_is_not_stored(folder: Path) -> None:
    (folder / "typo.csv").write_text(
        "customer_id,timestamp,event,points\na,2226-01-01 12:00,purchase,3\n", encoding="utf-8"
    )
    with pytest.raises(EventLogError, match=r"typo\.csv line 2 lies in the future"):
        import_files(folder, str(folder / "typo.csv"), None, None)


def test_the_model_served_is_the_one_trained_here(folder: Path) -> None:
    assert service_settings(folder).model == "models:/shop@champion"


def test_without_a_configuration_the_default_model_is_served(tmp_path: Path) -> None:
    assert service_settings(tmp_path).model == "models:/nextstage@champion"


def test_events_are_divided_as_training_reads_them(folder: Path) -> None:
    how = division(folder, 3, None, None)
    assert (how.partitions, how.attributes) == (3, str(folder / "people.csv"))
    assert (how.schema.timezone, how.schema.measures) == ("Europe/Warsaw", ("points",))
    assert division(folder, None, "other.csv", "UTC").attributes == "other.csv"
    assert division(folder, None, "other.csv", "UTC").schema.timezone == "UTC"


def test_a_cluster_without_partitions_has_nothing_to_work_on() -> None:
    assert opened_partitions(None, None) is None
    with pytest.raises(ConfigError, match="name its folder by --partitions as well"):
        opened_partitions(None, "tcp://127.0.0.1:8786")

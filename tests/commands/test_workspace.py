"""What nextstage.yaml says holds for import, score and serve too."""

from pathlib import Path

import pandas as pd
import pytest

from commands.workspace import (
    division,
    import_files,
    opened_partitions,
    opened_store,
    push_scores,
    scores_to_export,
    service_settings,
)
from features.errors import ConfigError, EventLogError
from serving.consents import Consent
from serving.exports.files import write_files
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


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    rows = {"customer_id": ["a", "b"], "as_of": ["2024-09-05T00:00:00Z"] * 2, "stage_current": ["new", "loyal"]}
    pd.DataFrame(rows | {"purchase_prob": [0.25, 0.5]}).to_parquet(tmp_path / "scores.parquet")
    (tmp_path / "people.csv").write_text("customer_id,email\na,a@example.com\nb,b@example.com\n", encoding="utf-8")
    with opened_store(tmp_path) as store:
        store.add_consents([Consent("a", "granted", 1, "x"), Consent("a", "revoked", 2, "x")])
    return tmp_path


def test_scores_leave_with_addresses_and_with_what_was_consented_to(scored: Path) -> None:
    frame = scores_to_export(scored, str(scored / "people.csv"))
    assert frame["email"].tolist() == ["b@example.com"]
    written = write_files("hubspot", frame, scored / "out")[0].read_text(encoding="utf-8")
    assert "b@example.com" in written
    assert "a@example.com" not in written


def test_a_dry_run_says_what_would_be_pushed(scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="the environment has no HUBSPOT_TOKEN"):
        push_scores(scored, "hubspot", str(scored / "people.csv"), None, True)
    monkeypatch.setenv("HUBSPOT_TOKEN", "hidden")
    report = push_scores(scored, "hubspot", str(scored / "people.csv"), None, True)
    assert (report.sent, report.requests) == (1, 1)
    with pytest.raises(ConfigError, match="nothing can be pushed to 'hubspt'; did you mean 'hubspot'"):
        push_scores(scored, "hubspt", None, None, True)
    with pytest.raises(ConfigError, match="braze has no address of its own; give one by --url"):
        push_scores(scored, "braze", None, None, True)

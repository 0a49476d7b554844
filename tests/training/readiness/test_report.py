import json
import time
from pathlib import Path

import pandas as pd
import pytest

from features.errors import EventLogError, JourneyError, numbered_row
from features.journey import Journey
from features.sources.completejourney import SCHEMA, read_attributes, read_events
from tests.training.readiness.conftest import NOW, last_purchases, only
from training.config import Config, load_config
from training.readiness.finding import Verdict
from training.readiness.report import check, check_rows

FEATURES = "features:\n  - {aggregation: Recency, by: event}\n  - {aggregation: Attribute, name: status}\n"


@pytest.fixture
def folder(tmp_path: Path, shop: pd.DataFrame) -> Path:
    shop.to_parquet(tmp_path / "events.parquet")
    (tmp_path / "nextstage.yaml").write_text("data: {events: events.parquet}\njourney: retail\n", encoding="utf-8")
    return tmp_path


def configured(folder: Path, extra: str) -> Config:
    (folder / "nextstage.yaml").write_text(f"data: {{events: events.parquet, {extra}}}\njourney: retail\n", "utf-8")
    return load_config(folder / "nextstage.yaml")


def test_a_sound_log_is_ready_and_every_check_has_a_line(folder: Path) -> None:
    report = check(load_config(folder / "nextstage.yaml"), NOW)
    assert report.is_ready
    assert json.loads(json.dumps(report.to_dict()))["ready"] is True
    subjects = [finding.subject for finding in report.findings]
    assert len(subjects) == len(set(subjects)) == 21
    assert report.count(Verdict.OK) + report.count(Verdict.WARNING) == 21


def test_a_leak_in_the_attributes_is_not_ready(folder: Path, events: pd.DataFrame) -> None:
    status = (last_purchases(events) < 28).map({True: "active", False: "gone"}).rename("status").reset_index()
    status.to_csv(folder / "customers.csv", index=False)
    report = check(configured(folder, "attributes: customers.csv"), NOW)
    assert not report.is_ready
    assert only(report.findings, "leak: attribute 'status'").verdict is Verdict.BLOCKS
    (folder / "own.yaml").write_text(FEATURES, encoding="utf-8")
    own = configured(folder, "attributes: customers.csv").model_copy(update={"features": str(folder / "own.yaml")})
    assert only(check(own, NOW).findings, "leak: attribute 'status'").verdict is Verdict.BLOCKS


def test_rows_of_the_future_block_and_change_no_other_line(
    folder: Path, shop: pd.DataFrame, journey: Journey, config: Config
) -> None:
    ahead = shop.tail(3).assign(timestamp=pd.Timestamp("2099-01-01", tz="UTC"))
    sound = check(load_config(folder / "nextstage.yaml"), NOW)
    frame = pd.concat([ahead, shop], ignore_index=True)
    report = check_rows(frame, None, journey, config, NOW, numbered_row)
    assert not report.is_ready
    raw = {"events of the future", "repeated rows"}
    for before, after in zip(sound.findings, report.findings, strict=True):
        assert before == after or before.subject in raw
    everything = check_rows(ahead, None, journey, config, NOW, numbered_row)
    assert only(everything.findings, "events of the future").verdict is Verdict.BLOCKS


def test_a_log_that_does_not_fit_the_journey_ends_with_that(
    events: pd.DataFrame, journey: Journey, config: Config
) -> None:
    visits = events[events["event"] == "visit"]
    report = check_rows(visits, None, journey, config, NOW, numbered_row)
    assert not report.is_ready
    assert only(report.findings, "journey").verdict is Verdict.BLOCKS
    assert not [finding for finding in report.findings if finding.subject.startswith(("leak", "rows of"))]


def test_one_event_alone_is_reported_and_not_ready(events: pd.DataFrame, journey: Journey, config: Config) -> None:
    bought = events[events["event"] == "purchase"].head(1)
    report = check_rows(bought, None, journey, config, NOW, numbered_row)
    assert [it.subject for it in report.findings if it.verdict is Verdict.BLOCKS] == ["periods"]


def test_what_cannot_be_read_is_an_error(folder: Path) -> None:
    with pytest.raises(JourneyError, match="no ready journey"):
        check(load_config(folder / "nextstage.yaml").model_copy(update={"journey": "retial"}), NOW)
    pd.DataFrame(columns=["customer_id", "timestamp", "event"]).to_parquet(folder / "events.parquet")
    with pytest.raises(EventLogError, match="holds no events"):
        check(load_config(folder / "nextstage.yaml"), NOW)


def test_real_data_has_no_leak_and_is_checked_in_seconds(journey: Journey, config: Config) -> None:
    events, households = read_events(), read_attributes()
    data = config.data.model_copy(update={"timezone": SCHEMA.timezone})
    begin = time.process_time()
    report = check_rows(events, households, journey, config.model_copy(update={"data": data}), NOW, numbered_row)
    assert time.process_time() - begin < 30
    assert report.is_ready
    assert [it.subject for it in report.findings if "leak" in it.subject] == ["leaks"]
    warned = {it.subject for it in report.findings if it.verdict is Verdict.WARNING}
    assert warned == {"days without events", "last day"}  # closed at Christmas, and the data end in the morning

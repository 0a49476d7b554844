"""Exports of other tools in a working folder."""

import json
from pathlib import Path

import pandas as pd
import pytest

from commands.importing import import_export, import_words, moment_or_now, names_of
from features.errors import ConfigError, EventLogError
from features.sources.formats.catalogue import format_named
from features.sources.importing.import_report import ImportReport
from features.sources.importing.records import Options
from features.sources.segment_message import read_message
from serving.consents import read_consents
from serving.intake import ingest
from serving.settings import Settings
from serving.store import Store

GOLDEN = Path(__file__).parent.parent / "golden" / "formats"
SAMPLES = [
    ("ga4", "ga4_events.jsonl"),
    ("segment", "segment.jsonl"),
    ("metrica", "metrica_visits.tsv"),
    ("hotjar", "hotjar_responses.csv"),
    ("cloudevents", "cloudevents.jsonl"),
]


def take(folder: Path, kind: str, *files: Path, output: Path | None = None, report: Path | None = None) -> ImportReport:
    form = format_named(kind, Options(timezone="Europe/Moscow"))
    return import_export(folder, form, [str(file) for file in files], output, report)


@pytest.mark.parametrize(("kind", "name"), SAMPLES)
def test_an_export_imported_twice_changes_nothing(tmp_path: Path, kind: str, name: str) -> None:
    first = take(tmp_path, kind, GOLDEN / name)
    assert (first.stored["new"], first.stored["known"]) == (first.taken, 0)
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        before = (store.log().fingerprint(), store.aliases())
        again = take(tmp_path, kind, GOLDEN / name)
        assert (again.stored["new"], again.stored["revised"], again.stored["known"]) == (0, 0, first.taken)
        assert (store.log().fingerprint(), store.aliases()) == before


def test_days_imported_one_by_one_give_the_store_of_all_at_once(tmp_path: Path) -> None:
    lines = (GOLDEN / "ga4_events.jsonl").read_text(encoding="utf-8").splitlines()
    later = lines[0].replace("1725179400000000", "1725189400000000")
    files = []
    for number, line in enumerate((*lines, later)):
        files.append(tmp_path / f"{number}.jsonl")
        files[-1].write_text(line + "\n", encoding="utf-8")
    logs = []
    for name, parts in (("all", [files]), ("days", [[file] for file in files]), ("back", [[f] for f in files[::-1]])):
        folder = tmp_path / name
        folder.mkdir()
        for part in parts:
            take(folder, "ga4", *part)
        with Store(Settings.from_environment(folder).database_url) as store:
            logs.append(store.log().fingerprint())
    assert len(set(logs)) == 1


def test_a_visit_that_comes_again_keeps_when_it_was_first_known(tmp_path: Path) -> None:
    yaml = "data: {events: e.csv, measures: [pages]}\njourney: ecommerce\n"
    (tmp_path / "nextstage.yaml").write_text(yaml, encoding="utf-8")
    first = GOLDEN / "metrica_visits.tsv"
    header, visit, _ = first.read_text(encoding="utf-8").splitlines()
    assert "\t2\t41\t" in visit
    again = tmp_path / "again.tsv"
    again.write_text("\n".join((header, visit.replace("\t2\t41\t", "\t9\t900\t"))) + "\n", encoding="utf-8")
    for file, day in ((first, 2), (again, 3)):
        known = moment_or_now(f"2024-09-0{day}T12:00:00Z")
        form = format_named("metrica", Options("Europe/Moscow", known_at=known))
        import_export(tmp_path, form, [str(file)])
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        log = store.log()
    assert log.measures["pages"][0] == 9.0
    assert log.time[0] == moment_or_now("2024-09-02T12:00:00Z")


def test_the_columns_that_the_configuration_declares_are_stored(tmp_path: Path) -> None:
    (tmp_path / "nextstage.yaml").write_text(
        "data: {events: e.csv, dimensions: [session_id, shade], measures: [pages, points]}\njourney: ecommerce\n",
        encoding="utf-8",
    )
    take(tmp_path, "metrica", GOLDEN / "metrica_visits.tsv")
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        log = store.log()
    assert log.measures["pages"][:2].tolist() == [2.0, 3.0]
    assert log.dimensions["session_id"].names == ("5495751434909777953", "5495751434909777999")
    assert log.dimensions["shade"].names == ()


def test_consents_are_kept_in_the_store_once_each(tmp_path: Path) -> None:
    for _ in range(2):
        take(tmp_path, "ga4", GOLDEN / "ga4_events.jsonl")
    with Store(Settings.from_environment(tmp_path).database_url) as store, store.database.reading() as connection:
        assert [consent.decision for consent in read_consents(connection, None)] == ["granted", "granted"]


def test_attributes_hold_from_the_day_they_were_said(tmp_path: Path) -> None:
    calls = [
        {"type": "track", "event": "Product Viewed"},
        {"type": "identify", "traits": {"plan": "free", "seats": 3}},
        {"type": "identify", "traits": {"plan": "pro"}},
    ]
    for hour, call in enumerate(calls):
        said = {"messageId": f"m{hour}", "userId": "a", "timestamp": f"2024-09-01T0{hour}:00:00Z"} | call
        (tmp_path / f"{hour}.jsonl").write_text(json.dumps(said), encoding="utf-8")
    for hour in (2, 0, 1):
        take(tmp_path, "segment", tmp_path / f"{hour}.jsonl")
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        dated = store.log().dated
    assert dated is not None
    assert dated.columns["plan"].texts().tolist() == ["free", "pro"]  # type: ignore[union-attr]
    assert dated.columns["seats"].tolist() == [3.0, 3.0]


def test_what_came_live_and_stands_in_a_file_counts_once_in_either_order(tmp_path: Path) -> None:
    lines = (GOLDEN / "segment.jsonl").read_text(encoding="utf-8").splitlines()
    stores = []
    for order in ("live first", "file first"):
        folder = tmp_path / order
        folder.mkdir()
        with Store(Settings.from_environment(folder).database_url) as store:
            for way in order, "both":
                if way != "file first":
                    assert ingest(store.database, [read_message(json.loads(line)) for line in lines]) in (0, 3)
                if way != "live first":
                    take(folder, "segment", GOLDEN / "segment.jsonl")
            assert store.count() == 3
            log = store.log()
            stores.append((log.fingerprint(), log.customers.tolist(), store.aliases(), store.suppressed()))
    assert stores[0] == stores[1]


def test_a_login_that_was_told_live_holds_for_a_file_and_the_other_way_round(tmp_path: Path) -> None:
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        login = {"type": "identify", "userId": "crm-1", "anonymousId": "web", "timestamp": "2024-09-01T08:00:00Z"}
        ingest(store.database, [read_message(login)])
        view = {"type": "track", "event": "Product Viewed", "anonymousId": "web", "timestamp": "2024-09-01T09:00:00Z"}
        alias = {"type": "alias", "previousId": "crm-1", "userId": "crm-2", "timestamp": "2024-09-01T10:00:00Z"}
        file = tmp_path / "calls.jsonl"
        file.write_text("\n".join(json.dumps(call | {"messageId": call["type"]}) for call in (view, alias)), "utf-8")
        take(tmp_path, "segment", file)
        ingest(store.database, [read_message(view | {"timestamp": "2024-09-01T11:00:00Z", "messageId": "later"})])
        assert {name: store.log([name]).n_events for name in store.customers()} == {"crm-1": 1, "crm-2": 1}


def test_an_unusable_file_stores_nothing_and_still_leaves_its_report(tmp_path: Path) -> None:
    with pytest.raises(EventLogError, match="check the format and the options, nothing is imported"):
        take(tmp_path, "segment", GOLDEN / "ga4_events.jsonl", report=tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]["used"] == 0
    with Store(Settings.from_environment(tmp_path).database_url) as store:
        assert store.count() == 0


def test_an_export_becomes_a_log_without_a_store(tmp_path: Path) -> None:
    report = take(tmp_path, "segment", GOLDEN / "segment.jsonl", output=tmp_path / "log.parquet")
    assert len(pd.read_parquet(tmp_path / "log.parquet")) == report.taken == 3
    assert not (tmp_path / "nextstage.db").exists()


def test_a_format_may_be_left_out_for_own_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert import_words(["events.csv"]) == ("csv", ["events.csv"])
    assert import_words(["csv", "a.csv", "b.csv"]) == ("csv", ["a.csv", "b.csv"])
    assert import_words(["ga4", "a"]) == ("ga4", ["a"])
    with pytest.raises(ConfigError, match="ga4 is a format and no file of it is given"):
        import_words(["ga4"])
    with pytest.raises(ConfigError, match="no format is called 'gaa4'; did you mean 'ga4'"):
        import_words(["gaa4", "file"])
    (tmp_path / "ga4").mkdir()
    assert import_words(["ga4"]) == ("csv", ["ga4"])


def test_names_and_moments_are_read_from_words() -> None:
    assert names_of(["a=b=c"]) == {"a=b": "c"}
    assert moment_or_now("1970-01-01T00:00:01Z") == 1_000_000
    assert moment_or_now("now") > 1_700_000_000_000_000
    with pytest.raises(ConfigError, match="--name '201' names nothing"):
        names_of(["201"])

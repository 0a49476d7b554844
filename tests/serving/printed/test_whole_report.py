import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from features.errors import StoreError
from serving.languages.messages import LANGUAGES, messages
from serving.matured import write_cards
from serving.monitor import run_monitor
from serving.pages.rendering import exact
from serving.printed.whole_report import latest_report, write_report
from serving.store import Store
from tests.serving.pages.test_shown import gone
from tests.serving.reports.test_monitoring import card
from tests.serving.scored import HOSTILE, ScoredStore


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def pages(scored: ScoredStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder, written, report = tmp_path_factory.mktemp("report"), {}, latest_report(scored.store.database)
    for language in LANGUAGES:
        path = folder / f"{language}.html"
        assert write_report(report, scored.scorer.model, language, path) == [path]
        written[language] = path.read_text(encoding="utf-8")
    return written


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_fetches_and_runs_nothing_and_is_small(pages: dict[str, str], language: str) -> None:
    page = pages[language]
    assert len(page.encode()) < 2_000_000
    for tag, attributes in Elements(page).found:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use")
        assert not {name for name in attributes if name in ("src", "href", "xlink:href") or name.startswith("on")}
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_speaks_its_language(pages: dict[str, str], language: str) -> None:
    page, said = pages[language], messages(language).text
    assert f'<html lang="{language}">' in page
    assert all(
        said(key) in page for key in ("map.title", "flows.title", "figures.title", "model.title", "map.lane_churn")
    )
    others = {messages(other).text("figures.title") for other in LANGUAGES} - {said("figures.title")}
    assert not any(other in page for other in others)


def test_a_hostile_event_name_is_text(pages: dict[str, str]) -> None:
    assert "<script" not in pages["en"]
    assert "&lt;script&gt;" in pages["en"]
    assert HOSTILE.startswith("<script>")


def test_the_figures_are_those_of_the_run(pages: dict[str, str], scored: ScoredStore) -> None:
    page, english = pages["en"], messages("en")
    for stage in scored.report["maps"][0]["stages"]:
        assert f">{english.number(stage['customers'])}<" in page
    for step in scored.report["flows"]["funnel"]:
        assert f'<td class="num">{english.number(step["reached"])}</td>' in page


def test_purchases_are_shared_out_among_channels(pages: dict[str, str], scored: ScoredStore) -> None:
    assert messages("en").text("figures.attribution") in pages["en"]
    assert all(f">{each['markov']:,.1f}<" in pages["en"] for each in scored.report["attribution"]["channels"])
    assert "&gt;&lt;img src=x" in pages["en"]


def test_where_nobody_has_looked_the_report_says_how_to(pages: dict[str, str]) -> None:
    for language in LANGUAGES:
        assert messages(language).text("model.watched_never") in unescape(pages[language])


def test_the_report_shows_drift_and_what_came_of_past_runs(own_scored: ScoredStore, tmp_path: Path) -> None:
    model, database = own_scored.scorer.model, own_scored.store.database
    run_monitor(own_scored.store, model, gone, own_scored.as_of)
    own = {"model_name": model.name, "model_version": model.version, "as_of": own_scored.as_of}
    with database.writing() as connection:
        write_cards(database, connection, [replace(card(own_scored.report["run"], shift=2.0), **own)])
    report = latest_report(database)
    for language in LANGUAGES:
        path = tmp_path / f"{language}.html"
        write_report(report, model, language, path)
        page, said = unescape(path.read_text(encoding="utf-8")), messages(language).text
        assert said(f"model.{report['drift']['verdict']}_note") in page
        assert all(said(f"model.{key}") in page for key in ("drift_scores", "drift_features", "matured_note"))
        for row in (*report["drift"]["scores"], *report["drift"]["features"][:12]):
            assert exact(messages(language), row["index"], 3) in page
        assert exact(messages(language), report["matured"]["latest"][0]["metrics"]["auc"], 3) in page


def test_pictures_are_written_beside_the_report(scored: ScoredStore, tmp_path: Path) -> None:
    path = tmp_path / "june.html"
    report = latest_report(scored.store.database)
    files = write_report(report, scored.scorer.model, "sk", path, ("svg", "png", "mermaid"))
    assert {file.name for file in files} == {
        "june.html", "june-map.svg", "june-map.png", "june-flows.svg", "june-flows.png", "june-expected.svg",
        "june-expected.png", "june.mmd",
    }  # fmt: skip
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in files}
    assert (tmp_path / "june-map.png").read_bytes().startswith(b"\x89PNG")
    assert "flowchart LR" in (tmp_path / "june.mmd").read_text(encoding="utf-8")


def test_the_latest_run_is_reported_and_none_is_an_error(scored: ScoredStore, tmp_path: Path) -> None:
    assert latest_report(scored.store.database)["run"] == scored.report["run"]
    with (
        Store(f"sqlite:///{tmp_path}/nextstage.db") as empty,
        pytest.raises(StoreError, match="no scoring run to report on; run 'nextstage score' first"),
    ):
        latest_report(empty.database)

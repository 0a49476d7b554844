"""Every page answers, says what the report says, and runs nothing that data contains."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from features.errors import PredictorError
from models.predictor import RegisteredPredictor
from serving.languages.messages import messages
from serving.matured import write_cards
from serving.monitor import run_monitor
from serving.pages.rendering import score_text
from serving.reports.run_report import newest_run
from serving.tables import REPORTS
from tests.serving.pages.conftest import Visitor
from tests.serving.reports.test_monitoring import PROMISED, card
from tests.serving.scored import HOSTILE, HOSTILE_CHANNEL, HOSTILE_CUSTOMER, ScoredStore

PAGES = [
    "/",
    "/?show=1",
    "/?show=0&against=1",
    "/?show=tier%3Dgold&against=tier%3D%3Ci%3Ebasic%3C%2Fi%3E",
    "/dashboard/flows",
    "/dashboard/flows?period=2&horizon=7d",
    "/dashboard/figures",
    "/dashboard/figures?by=stage",
    "/dashboard/figures?by=channel",
    "/dashboard/audience",
    "/dashboard/stage/occasional",
    "/dashboard/stage/lapsed",
    "/dashboard/customer",
    "/dashboard/customer/c0001",
    f"/dashboard/customer/{quote(HOSTILE_CUSTOMER, safe='')}",
    "/dashboard/model",
]
LANGUAGES = ("en", "pl", "sk", "ru")
LONG = "9" * 5_000
SPOKEN = ("/", "/dashboard/flows", "/dashboard/figures", "/dashboard/audience", "/dashboard/model")


class Elements(HTMLParser):
    """Knows every element with its attributes, and the text outside of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_with_nothing_that_could_run(site: Visitor, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) < 2_000_000
    assert_nothing_runs(answer)


def assert_nothing_runs(answer: httpx.Response) -> None:
    """Makes sure that a page lets nothing run, and holds nothing that could."""
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    for tag, attributes in Elements(answer.text).found:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "style" not in attributes
        assert tag not in ("img", "iframe", "b", "i", "style")
        if tag == "script":
            assert attributes.get("type") == "application/json" or (attributes["src"] or "").startswith("/static/")
        for name in ("src", "href", "action"):
            assert re.match(r"[/#]", attributes.get(name) or "#"), attributes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/", "/dashboard/flows", "/dashboard/figures", "/dashboard/audience", "/dashboard/model"]
)
def test_a_page_speaks_the_language_that_is_asked_for(site: Visitor, path: str, language: str) -> None:
    answer = site.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text


def test_hostile_names_are_shown_as_text(site: Visitor) -> None:
    for path in ("/dashboard/customer/c0001", "/dashboard/figures?by=channel", "/"):
        page = Elements(site.get(path).text)
        assert "onerror" not in str(page.found)
    events = Elements(site.get("/dashboard/customer/c0001").text).text
    assert HOSTILE in events
    assert HOSTILE_CHANNEL in events
    person = site.get(f"/dashboard/customer/{quote(HOSTILE_CUSTOMER, safe='')}").text
    assert HOSTILE_CUSTOMER in Elements(person).text


def test_the_map_shows_the_report(site: Visitor, scored: ScoredStore) -> None:
    text = Elements(site.get("/").text).text
    for stage in scored.report["maps"][0]["stages"]:
        assert f"{stage['customers']:,}" in text
    assert f"{scored.report['customers']} customers" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?show=99", 422),
        ("/?show=tier=silver", 422),
        ("/dashboard/flows?period=-1", 422),
        ("/dashboard/flows?horizon=8d", 422),
        ("/dashboard/figures?by=moon", 422),
        ("/dashboard/stage/moon", 422),
        ("/dashboard/customer/nobody", 404),
        ("/dashboard/customer/c0001?as_of=soon", 422),
        (f"/?show={LONG}", 422),
        (f"/?against={LONG}", 422),
        (f"/dashboard/flows?period={LONG}", 422),
        ("/dashboard/stage/%00", 422),
        ("/dashboard/customer/%00", 422),
    ],
)
def test_what_is_not_there_is_said_on_a_page(site: Visitor, path: str, status: int) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "Traceback" not in answer.text
    if path.startswith("/dashboard"):
        told = site.get(path, headers={"Accept": "*/*"})
        assert (told.status_code, told.headers["content-type"]) == (status, "application/problem+json")


def test_a_search_leads_to_the_customer(site: Visitor) -> None:
    answer = site.get("/dashboard/customer", params={"id": " a/b "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/customer/a%2Fb")


def test_a_program_gets_places_instead_of_a_page(site: Visitor) -> None:
    answer = site.get("/", headers={"Accept": "application/json"})
    assert answer.json()["service"] == "nextstage"


def test_without_a_run_the_page_says_what_to_do(own_scored: ScoredStore) -> None:
    with own_scored.store.database.writing() as connection:
        connection.execute(REPORTS.delete())
    assert "nextstage score" in Visitor(own_scored).get("/").text
    assert Visitor(own_scored).get("/dashboard/data/map.json").status_code == 422


def test_a_model_at_which_nobody_looked_says_how_to(site: Visitor) -> None:
    assert "nextstage monitor" in Elements(site.get("/dashboard/model").text).text


def gone(name: str, version: str) -> RegisteredPredictor:
    raise PredictorError(f"no version {version} of {name}")


def test_the_model_page_shows_what_the_monitor_kept(own_scored: ScoredStore) -> None:
    store, model, now = own_scored.store, own_scored.scorer.model, own_scored.as_of
    report = run_monitor(store, model, gone, now)
    site = Visitor(own_scored)
    drift = site.get("/dashboard/data/drift.json").json()
    assert drift["features"] == [each.to_dict() for each in report.features]
    text = Elements(site.get("/dashboard/model").text).text
    assert f"Much changed: {sum(each.is_large for each in report.scores)} of {len(report.scores)}." in text
    assert f"Much changed: {sum(each.is_large for each in report.features)} of {len(report.features)}." in text
    assert "No run of this version has matured yet" in text
    assert all(score_text(messages("en"), each.name) in text for each in report.scores)
    assert all(each.name in text for each in report.features[:12])
    run = newest(own_scored)
    with store.database.writing() as connection:
        kept = replace(card(run), model_name=model.name, model_version=model.version, as_of=now)
        write_cards(store.database, connection, [kept])
    text = Elements(site.get("/dashboard/model").text).text
    assert f"{kept.metrics['auc']:.3f} ({kept.intervals['auc'][0]:.3f} to {kept.intervals['auc'][1]:.3f})" in text
    assert f"promised {PROMISED['auc']:.3f}" in text
    (latest,) = site.get("/dashboard/data/matured.json").json()["latest"]
    assert (latest["run_id"], latest["rows"], latest["metrics"]) == (run, kept.rows, kept.metrics)


def test_the_figures_page_shares_out_the_purchases_among_channels(site: Visitor, scored: ScoredStore) -> None:
    found = scored.report["attribution"]
    text = Elements(site.get("/dashboard/figures").text).text
    assert f"{found['purchases']:,} purchases at the end of {found['paths']:,} paths" in text
    assert HOSTILE_CHANNEL in text
    for each in found["channels"]:
        assert f"{each['markov']:,.1f}" in text


def test_without_channels_the_figures_page_says_why_there_is_no_attribution(own_scored: ScoredStore) -> None:
    told = own_scored.report["attribution"] | {"channels": [], "purchases": 0}
    rewrite(own_scored, own_scored.report | {"attribution": told})
    assert "No purchase has an event with a channel before it" in Visitor(own_scored).get("/dashboard/figures").text


def test_a_report_from_before_attribution_is_still_shown(own_scored: ScoredStore) -> None:
    rewrite(own_scored, {name: figures for name, figures in own_scored.report.items() if name != "attribution"})
    site = Visitor(own_scored)
    assert site.get("/dashboard/figures").status_code == 200
    refused = site.get("/dashboard/data/attribution.json")
    assert (refused.status_code, "nextstage score" in refused.text) == (422, True)


def newest(scored: ScoredStore) -> int:
    with scored.store.database.reading() as connection:
        found = newest_run(connection)
    assert found is not None
    return found


def rewrite(scored: ScoredStore, figures: dict[str, Any]) -> None:
    """Gives the latest run another report."""
    with scored.store.database.writing() as connection:
        connection.execute(REPORTS.update().values(report=json.dumps(figures)))

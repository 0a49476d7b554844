"""Pages and the printed report hold no English in another language, but for what says that it is English."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest

from features.languages.messages import Text
from models.predictor import RegisteredPredictor
from serving.judgement import DRIFTING
from serving.languages.messages import messages
from serving.pages.rendering import finding
from serving.printed.whole_report import latest_report, write_report
from serving.tables import VERDICTS
from tests.message_laws import OTHERS, forms
from tests.serving.languages.test_messages import ALIKE
from tests.serving.pages.conftest import Visitor
from tests.serving.pages.test_shown import PAGES
from tests.serving.scored import ScoredStore
from tests.serving.test_judgement import FINDINGS

WRONG = (
    *("/?show=99", "/?show=tier=silver", "/dashboard/flows?period=-1", "/dashboard/flows?horizon=8d"),
    *("/dashboard/figures?by=moon", "/dashboard/stage/moon", "/dashboard/customer/nobody"),
    "/dashboard/customer/c0001?as_of=soon",
)
VOID = {"meta", "link", "input", "br", "img", "path", "rect", "circle", "line"}
SPOKEN_ATTRIBUTES = {"aria-label", "title", "placeholder", "alt"}


class Said(HTMLParser):
    """Collects what a page says, scripts' data included, but for parts that are marked as another language's."""

    def __init__(self, page: str, language: str) -> None:
        super().__init__()
        self.language, self.open, self.texts, self.foreign = language, [""], [], []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(given.get("lang") or self.open[-1])
        self.texts += [text for name, text in attrs if name in SPOKEN_ATTRIBUTES and text]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.texts += [text for name, text in attrs if name in SPOKEN_ATTRIBUTES and text]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            (self.texts if self.open[-1] == self.language else self.foreign).append(" ".join(data.split()))


def pieces(text: Text) -> set[str]:
    """Returns what a message says between its places, where that is more than a word."""
    literals = [literal for form in forms(text) for literal, *_ in Formatter().parse(form)]
    return {literal.strip(" .,:;()'") for literal in literals if len(re.findall(r"[A-Za-z]{2,}", literal)) > 1}


ENGLISH = {key: text for key, text in messages("en").texts.items() if key not in ALIKE and key != "language"}
PIECES = {piece for text in ENGLISH.values() for piece in pieces(text)}
WHOLE = {text for text in ENGLISH.values() if isinstance(text, str) and text[0].isupper() and "{" not in text}


def left_in_english(page: str, language: str) -> list[str]:
    """Returns what a page says in English without saying so."""
    said = Said(page, language)
    spoken = {unescape(form) for text in messages(language).texts.values() for form in forms(text)}
    found = [text for text in said.texts if text in WHOLE - spoken]
    together = "\n".join(said.texts)
    return found + [piece for piece in PIECES if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", together)]


def test_english_is_noticed() -> None:
    page = '<p>Klient</p><p title="Find a customer">purchase twice in the last 7 days</p><b>Stage</b>'
    assert set(left_in_english(f'<html lang="pl">{page}</html>', "pl")) >= {"Find a customer", "in the last", "Stage"}
    assert not left_in_english('<html lang="pl"><pre lang="en">in the last 7 days</pre></html>', "pl")


LANGUAGE_NAMES = {messages(language).text("language") for language in ("en", *OTHERS)}


@pytest.mark.parametrize("language", OTHERS)
def test_no_page_has_a_sentence_in_english(site: Visitor, language: str) -> None:
    for path in (*PAGES, *WRONG):
        answer = site.get(path, params={"lang": language})
        page = answer.text
        assert f'<html lang="{language}">' in page, (path, answer.status_code)
        assert left_in_english(page, language) == [], path
        marked = [text for text in Said(page, language).foreign if text not in LANGUAGE_NAMES]
        assert marked == [] or path == "/dashboard/model", (path, marked)


def test_the_reasons_of_a_customer_are_said_in_the_language_of_the_page(site: Visitor, scored: ScoredStore) -> None:
    (record,) = scored.ask(["c0001"])
    english, polish = (
        site.get("/dashboard/data/customer/c0001.json", params=asked).json() for asked in ({}, {"lang": "pl"})
    )
    assert record["customer_id"] == "c0001"
    page = " ".join(Said(site.get("/dashboard/customer/c0001", params={"lang": "pl"}).text, "pl").texts)
    for kind, own in polish["scores"]["reasons"].items():
        for reason, other in zip(own, english["scores"]["reasons"][kind], strict=True):
            assert reason["words"] in page
            assert {**reason, "words": ""} == {**other, "words": ""}
            assert reason["words"] != other["words"]


def test_what_programs_read_depends_on_no_cookie(site: Visitor) -> None:
    site.get("/", params={"lang": "ru"})
    assert '<html lang="ru">' in site.get("/").text
    stages = [site.get(f"/dashboard/data/stage/occasional.csv{query}").text for query in ("", "?lang=en", "?lang=ru")]
    assert stages[0] == stages[1] != stages[2]


@pytest.mark.parametrize("language", OTHERS)
def test_what_the_monitor_found_is_said_in_the_language(own_scored: ScoredStore, language: str) -> None:
    kept = [finding.to_dict() for finding in FINDINGS.values()]
    old = {"verdict": DRIFTING, "sentence": "a finding that was kept before findings had a kind"}
    detail = {"reasons": [*kept, old], "drift": {"as_of": None, "scores": [], "features": []}}
    model = own_scored.scorer.model
    row = {"model_name": model.name, "model_version": model.version, "at": own_scored.as_of, "verdict": DRIFTING}
    with own_scored.store.database.writing() as connection:
        connection.execute(VERDICTS.insert().values(**row, detail=json.dumps(detail)))
    page = Visitor(own_scored).get("/dashboard/model", params={"lang": language}).text
    assert left_in_english(page, language) == []
    said = Said(page, language)
    for found in kept:
        assert finding(messages(language), found) in said.texts
    assert not any("churn_28d" in text for text in said.texts)
    assert old["sentence"] in said.foreign
    english = Said(Visitor(own_scored).get("/dashboard/model", params={"lang": "en"}).text, "en")
    assert {*FINDINGS, old["sentence"]} <= {*english.texts}


@pytest.mark.parametrize("language", OTHERS)
def test_the_printed_report_has_no_sentence_in_english(
    scored: ScoredStore, model: RegisteredPredictor, language: str, tmp_path: Path
) -> None:
    (path,) = write_report(latest_report(scored.store.database), model, language, tmp_path / "report.html")
    page = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert left_in_english(page, language) == []

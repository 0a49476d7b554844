"""Whatever events, channels, customers, attributes, stages and campaigns are called: it is text, and runs nowhere."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import httpx
import pandas as pd
import pytest

from features.labels import Labels
from models.predictor import RegisteredPredictor
from serving.campaigns.members import Wanted, begin
from serving.formulas import FORMULA_STARTS
from serving.openapi import describe_api
from serving.printed.whole_report import latest_report, write_report
from tests.serving.pages.conftest import Visitor
from tests.serving.pages.test_shown import Elements, assert_nothing_runs
from tests.serving.scored import ScoredStore, scored_store

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "{{7*7}}{% raw %}${7*7}",
    "a\u2028b\u2029alert(1)//",
    "<!--<script>",
    "javascript:alert(1)",
    "=HYPERLINK(0)",
    "@SUM(1)",
    "\u202etxt.exe",
    "&lt;b&gt;",
)
CAMPAIGN = HOSTILE[0]
PARAMETERS = {"name": CAMPAIGN, "customer_id": HOSTILE[1], "stage": "occasional", "file": "app.css"}


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory, model: RegisteredPredictor, events: pd.DataFrame, cutoff: int
) -> Iterator[ScoredStore]:
    """A store in which half of everything has a hostile name, and a model whose stages have."""
    names = dict(zip(sorted(events["customer_id"].unique()), HOSTILE, strict=False))
    ours = events.assign(customer_id=events["customer_id"].replace(names))
    was = pd.Timestamp(cutoff, unit="us", tz="UTC") - pd.to_timedelta(range(1, 1 + 4 * len(HOSTILE)), unit="D")
    rows = [(each, HOSTILE[place % 5], "purchase", 2.0) for place, each in enumerate(HOSTILE * 2)]
    rows += [(each, HOSTILE[place % 7], HOSTILE[place], 2.0) for place, each in enumerate(HOSTILE)]
    rows += [(each, "web", HOSTILE[-1 - place], 2.0) for place, each in enumerate(HOSTILE)]
    extra = pd.DataFrame(rows, columns=["customer_id", "channel", "event", "value"]).assign(timestamp=was)
    stages = [
        stage.model_copy(update={"label": HOSTILE[place], "labels": Labels()})
        for place, stage in enumerate(model.predictor.journey.stages)
    ]
    journey = model.predictor.journey.model_copy(update={"stages": tuple(stages)})
    named = replace(model, predictor=replace(model.predictor, journey=journey))
    made = scored_store(tmp_path_factory.mktemp("hostile"), named, pd.concat([ours, extra], ignore_index=True), cutoff)
    begin(made.store.database, Wanted(CAMPAIGN, 0.5, HOSTILE[1]), made.table, cutoff)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def answers(hostile: ScoredStore) -> dict[str, httpx.Response]:
    """What every route that is read answers, of every hostile customer, and with every hostile query."""
    site = Visitor(hostile)
    kept = site.put("/segments/everybody", json={"order_by": "stage_next_prob"})
    assert kept.status_code == 200, kept.text
    paths = []
    for path, operations in describe_api()["paths"].items():
        for customer in HOSTILE if "{customer_id}" in path or "customer/{about}" in path else HOSTILE[:1]:
            about = "occasional" if "/stage/" in path else "everybody" if "/segment/" in path else customer
            names = PARAMETERS | {"customer_id": customer, "about": about}
            names |= {"name": "everybody"} if path.startswith("/segments") else {}
            filled = re.sub(r"{(\w+)}", lambda match, names=names: quote(names[match[1]], safe=""), path)
            paths += [filled] if "get" in operations else []
    for path in ("/?show", "/?against", "/dashboard/flows?period", "/dashboard/flows?horizon", "/dashboard/figures?by"):
        paths += [f"{path}={quote(text)}" for text in HOSTILE]
    paths += [f"/sign-in?next={quote(text)}" for text in HOSTILE]
    paths += [f"/?show={quote(f'tier={HOSTILE[0]}')}", "/dashboard/figures?by=channel", "/dashboard/figures?by=stage"]
    paths += ["/segments/everybody/members?format=csv"]
    return {path: site.get(path) for path in paths}


def test_every_page_shows_them_as_text(answers: dict[str, httpx.Response]) -> None:
    pages = {path: answer for path, answer in answers.items() if answer.headers["content-type"].startswith("text/html")}
    assert len(pages) > 60
    shown = ""
    for path, answer in pages.items():
        assert answer.status_code in (200, 422), path
        assert_nothing_runs(answer)
        page = Elements(answer.text)
        shown += page.text + str(page.found)
        for block in re.findall(r'<script type="application/json" id="[^"]+">(.*?)</script>', answer.text, re.DOTALL):
            json.loads(block)
            assert not re.search(r"[<>&']", block), "nothing in a block can end it"
    assert "49" not in re.findall(r"\{\{7\*7\}\}|49\{", shown)
    assert all(text in shown for text in HOSTILE), [text for text in HOSTILE if text not in shown]


def test_every_other_answer_says_what_it_is_and_is_taken_for_nothing_else(answers: dict[str, httpx.Response]) -> None:
    for path, answer in answers.items():
        assert answer.status_code < 500, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        if answer.headers["content-type"].endswith("json"):
            answer.json()
        assert "\n" not in str(answer.headers.get("location", "")), path


def test_no_cell_of_a_table_is_a_formula(answers: dict[str, httpx.Response]) -> None:
    tables = {path: answer for path, answer in answers.items() if answer.headers["content-type"].startswith("text/csv")}
    assert len(tables) > 10
    found = set()
    for path, answer in tables.items():
        for cell in (cell for row in csv.reader(io.StringIO(answer.text)) for cell in row):
            found.add(cell)
            assert not cell.startswith(FORMULA_STARTS) or is_number(cell), (path, cell)
    assert {"'=HYPERLINK(0)", "'@SUM(1)"} <= found


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_report_and_its_pictures_run_nothing(hostile: ScoredStore, tmp_path: Path) -> None:
    path = tmp_path / "june.html"
    report = latest_report(hostile.store.database)
    files = write_report(report, hostile.scorer.model, "en", path, ("svg", "mermaid"))
    for file in files:
        written = file.read_text(encoding="utf-8")
        if file.suffix in (".html", ".svg"):
            for tag, attributes in Elements(written).found:
                assert tag not in ("script", "img", "iframe", "object", "image", "use", "link", "a"), file
                assert not any(name.startswith("on") or name.endswith(("src", "href")) for name in attributes), file
        else:
            assert not re.search(r"<(?!br/>)", written), file
    assert "&lt;script&gt;" in path.read_text(encoding="utf-8")

import csv
import io
from urllib.parse import quote

import pytest

from tests.serving.pages.conftest import Visitor
from tests.serving.scored import HOSTILE_CUSTOMER, ScoredStore


def table(site: Visitor, path: str) -> list[dict[str, str]]:
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_map_s_table_is_the_report(site: Visitor, scored: ScoredStore) -> None:
    rows = table(site, "/dashboard/data/map.csv")
    stages = scored.report["maps"][0]["stages"]
    assert [(row["name"], int(row["customers"])) for row in rows] == [(s["name"], s["customers"]) for s in stages]
    assert float(rows[2]["inflow_28d"]) == stages[2]["predicted"]["28d"]["inflow"]
    assert site.get("/dashboard/data/map.json").json()["shown"] == scored.report["maps"][0]


def test_every_panel_downloads(site: Visitor, scored: ScoredStore) -> None:
    assert site.get("/dashboard/data/flows.json").json() == scored.report["flows"]
    assert site.get("/dashboard/data/figures.json").json() == scored.report["kpis"]
    assert len(table(site, "/dashboard/data/flows.csv")) > 10
    assert site.get("/dashboard/data/attribution.json").json() == scored.report["attribution"]
    credited = table(site, "/dashboard/data/attribution.csv")
    assert sum(float(row["markov"]) for row in credited) == pytest.approx(scored.report["attribution"]["purchases"])
    assert site.get("/dashboard/data/drift.json").json()["verdict"] is None
    assert table(site, "/dashboard/data/drift.csv") == table(site, "/dashboard/data/matured.csv") == []
    figures = table(site, "/dashboard/data/figures.csv")
    assert {row["figure"] for row in figures} == {"active", "purchases", "revenue", "nps", "csat", "churn"}
    assert {row["score"] for row in table(site, "/dashboard/data/audience.csv")} == {"churn", "purchase"}
    assert {"nextstage", "markov"} <= {row["method"] for row in table(site, "/dashboard/data/model.csv")}


def test_a_persona_s_curves_download_alone(site: Visitor, scored: ScoredStore) -> None:
    known = scored.report["audience"]["personas"]
    own = site.get("/dashboard/data/audience.json?persona=P2").json()
    assert own == {"horizon": "28d", "persona": "P2", **known["P2"]}
    assert {row["persona"] for row in table(site, "/dashboard/data/audience.csv?persona=P2")} == {"P2"}
    assert {row["persona"] for row in table(site, "/dashboard/data/audience.csv")} == {"", "P1", "P2"}
    assert site.get("/dashboard/data/audience.json?persona=P7").status_code == 422


@pytest.mark.parametrize("path", ["stage/occasional", f"customer/{quote(HOSTILE_CUSTOMER, safe='')}"])
def test_what_is_about_one_thing_downloads(site: Visitor, path: str) -> None:
    assert table(site, f"/dashboard/data/{path}.csv")
    assert site.get(f"/dashboard/data/{path}.json").status_code == 200


def test_a_segment_downloads_as_a_whole(site: Visitor) -> None:
    answer = site.put("/segments/whole", json={"where": "stage == 'occasional'", "order_by": "churn_prob"})
    assert answer.status_code == 200, answer.text
    rows = table(site, "/dashboard/data/segment/whole.csv")
    assert len(rows) == answer.json()["preview"]["size"]
    assert site.get("/dashboard/data/segment/other.csv").status_code == 404


@pytest.mark.parametrize("path", ["customer/%00.json", "stage/%00.csv", "segment/%00.csv"])
def test_what_no_database_can_look_for_is_refused(site: Visitor, path: str) -> None:
    assert site.get(f"/dashboard/data/{path}").status_code == 422

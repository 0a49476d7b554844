import json
from pathlib import Path

import pytest

from serving.batch import run_batch
from serving.occasion import Occasion
from serving.personal_data import erase_customer, export_customer
from serving.reports.run_report import newest_run, read_leading, read_report
from tests.serving.scored import HOSTILE, ScoredStore


def test_the_figures_equal_those_of_the_api(scored: ScoredStore) -> None:
    records = scored.ask(scored.table["customer_id"].tolist())
    shown = scored.report["maps"][0]
    assert shown["customers"] == scored.report["customers"] == len(records)
    for stage in shown["stages"]:
        assert stage["customers"] == sum(record["stage_current"] == stage["name"] for record in records)
        for horizon, there in stage["predicted"].items():
            total = sum(record["next_stage"][horizon][stage["name"]] for record in records)
            assert there["customers"] == pytest.approx(total)
    assert "later" in {record["customer_id"] for record in records}


def test_the_audience_equals_the_score_table(scored: ScoredStore) -> None:
    curve = scored.report["audience"]["curves"]["churn"][""]
    churn = scored.table["churn_prob"].dropna().sort_values(ascending=False).to_numpy()
    for size, threshold, captured in zip(curve["size"], curve["threshold"], curve["captured"], strict=True):
        assert threshold == churn[size - 1]
        assert captured == pytest.approx(churn[:size].sum())


def test_a_report_names_no_customer(scored: ScoredStore) -> None:
    text = json.dumps(scored.report)
    assert not any(f'"{customer}"' in text for customer in scored.table["customer_id"])
    assert json.dumps(HOSTILE) in text


def test_leading_customers_are_those_most_likely_to_leave(scored: ScoredStore) -> None:
    with scored.store.database.reading() as connection:
        found = read_leading(connection, scored.report["run"], "occasional")
    records = [
        each for each in scored.ask(scored.table["customer_id"].tolist()) if each["stage_current"] == "occasional"
    ]
    horizon = scored.report["horizon"]
    stays = {record["customer_id"]: record["next_stage"][horizon]["occasional"] for record in records}
    assert set(found) <= stays.keys()
    assert [stays[name] for name in found] == sorted(stays.values())[: len(found)]


def test_groups_too_small_to_be_shown_are_not(scored: ScoredStore) -> None:
    for maps in scored.report["groups"].values():
        assert all(shown["customers"] >= 20 for shown in maps.values())
    assert "tier" in scored.report["groups"]


def test_an_erased_customer_leads_no_list(own_scored: ScoredStore) -> None:
    with own_scored.store.database.reading() as connection:
        name = read_leading(connection, own_scored.report["run"], "lapsed")[-1]
    database = own_scored.store.database
    assert export_customer(database, name, own_scored.as_of, "tests")["records"][0]["leading"][0]["stage"] == "lapsed"
    erase_customer(database, name, own_scored.as_of, "tests")
    with database.reading() as connection:
        assert name not in read_leading(connection, own_scored.report["run"], "lapsed")


def test_the_next_run_takes_the_place_of_the_last(own_scored: ScoredStore, tmp_path: Path) -> None:
    occasion = Occasion(own_scored.as_of + 1, own_scored.as_of)
    run_batch(own_scored.store, own_scored.scorer.model, occasion, tmp_path / "again.parquet")
    with own_scored.store.database.reading() as connection:
        newest = newest_run(connection)
        assert newest is not None
        assert newest > own_scored.report["run"]
        assert read_report(connection, newest)["run"] == newest

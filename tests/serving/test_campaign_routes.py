"""Campaigns over the served process."""

import pandas as pd
import pytest

from serving.campaign_routes import asked_outcome
from serving.campaigns.members import Wanted, begin, mark_sent
from serving.errors import RequestError
from tests.serving.conftest import DAY, Keyed
from tests.serving.test_routes import assert_problem


def test_campaigns_are_listed_and_reported(keyed: Keyed, events: pd.DataFrame) -> None:
    customers = sorted(events["customer_id"].unique())
    frame = pd.DataFrame({"customer_id": customers, "stage_current": "regular", "churn_decile": 1, "churn_prob": 0.5})
    sent_at = int(events["timestamp"].max().timestamp() * 10**6) - 40 * DAY
    sent = begin(keyed.store.database, Wanted("täst 1", 0.3), frame, sent_at)
    mark_sent(keyed.store.database, "täst 1", sent["customer_id"].tolist(), sent_at)
    headers = keyed.as_("score")
    (listed,) = keyed.client.get("/campaigns", headers=headers).json()["campaigns"]
    assert (listed["name"], listed["treated"]) == ("täst 1", len(sent))
    report = keyed.client.get("/campaigns/t%C3%A4st%201/report?days=30", headers=headers).json()
    arms = report["overall"]
    assert arms["treated"]["customers"] == len(sent)
    assert arms["treated"]["customers"] + arms["control"]["customers"] == len(customers)
    assert report["verdict"] in ("worked", "harmed", "unproven")  # arms are drawn anew, and chance may prove itself
    assert report["by_stage"][0]["group"] == "regular"
    assert "95 % interval" in report["sentence"]
    told = keyed.client.get("/campaigns/t%C3%A4st%201/report?days=30", headers={**headers, "Accept-Language": "sk"})
    assert "95-percentný interval" in told.json()["sentence"]
    assert {**told.json(), "sentence": ""} == {**report, "sentence": ""}
    assert told.headers["vary"] == "Accept-Language"
    assert_problem(keyed.client.get("/campaigns/other/report", headers=headers), 404)
    assert_problem(keyed.client.get("/campaigns/t%C3%A4st%201/report?outcome=event&event=x", headers=headers), 422)
    assert_problem(keyed.client.get("/campaigns", headers=keyed.as_("ingest")), 403)


@pytest.mark.parametrize(
    "query", [{"days": "many"}, {"days": "9" * 5_000}, {"days": "0"}, {"outcome": "x"}, {"outcome": "event"}]
)
def test_a_question_that_is_none_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(RequestError):
        asked_outcome(query)


def test_without_a_word_it_is_purchases_in_four_weeks() -> None:
    assert (asked_outcome({}).kind, asked_outcome({}).days) == ("purchase", 28)

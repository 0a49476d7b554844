import pandas as pd
import pytest

from features.durations import DAY
from serving.errors import UnknownCustomerError
from serving.reports.customer import customer_panel, spans
from tests.serving.scored import ScoredStore


def test_the_scores_are_the_api_s(scored: ScoredStore) -> None:
    panel = customer_panel(scored.scorer, "c0007", scored.as_of)
    (record,) = scored.ask(["c0007"])
    assert {name: value for name, value in panel["scores"].items() if name != "reasons"} == record
    assert panel["history"]["lines"]["purchase"][-1] == record["purchase"][scored.report["horizon"]]


def test_earlier_the_model_knew_less(scored: ScoredStore) -> None:
    now, before = (customer_panel(scored.scorer, "c0007", moment) for moment in (scored.as_of, scored.as_of - 60 * DAY))
    assert sum(event["was_known"] for event in before["events"]) < sum(event["was_known"] for event in now["events"])
    assert len(before["history"]["times"]) < len(now["history"]["times"])


def test_nobody_is_nobody(scored: ScoredStore) -> None:
    with pytest.raises(UnknownCustomerError):
        customer_panel(scored.scorer, "nobody", scored.as_of)


def test_spans_fill_the_time_from_the_first_stay_to_the_moment() -> None:
    timeline = [
        {"stage": "a", "entered_at": "2024-01-01T00:00:00Z", "left_at": "2024-01-04T00:00:00Z"},
        {"stage": "b", "entered_at": "2024-01-04T00:00:00Z", "left_at": None},
    ]
    found = spans(timeline, pd.Timestamp("2024-01-05T00:00:00Z").value // 1000)
    assert [(span["stage"], span["start"], span["share"]) for span in found] == [("a", 0.0, 0.75), ("b", 0.75, 0.25)]
    assert spans([], 0) == []

import pandas as pd

from features.ingest import Schema
from tests.training.readiness.conftest import only
from training.readiness.duplicates import duplicates
from training.readiness.finding import Finding, Verdict
from training.readiness.rows import Rows


def found_in(frame: pd.DataFrame, subject: str) -> Finding:
    return only(duplicates(Rows.parse(frame, Schema("UTC"))), subject)


def test_an_id_sent_twice_is_merged_and_fine(events: pd.DataFrame) -> None:
    named = events.assign(event_id=[f"e{number}" for number in range(len(events))])
    twice = pd.concat([named, named.head(100)], ignore_index=True)
    found = found_in(twice, "repeated event_id")
    assert found.verdict is Verdict.OK
    assert found.numbers == {"rows": 100, "differing": 0}
    assert found_in(twice, "repeated rows").numbers["rows"] == 0


def test_one_id_for_different_events_is_a_warning(events: pd.DataFrame) -> None:
    named = events.assign(event_id=[f"e{number // 2}" for number in range(len(events))])
    found = found_in(named, "repeated event_id")
    assert found.verdict is Verdict.WARNING
    assert found.numbers["differing"] == found.numbers["rows"] == len(events) // 2


def test_a_missing_id_repeats_nothing(events: pd.DataFrame) -> None:
    for missing in (None, ""):
        found = found_in(events.assign(event_id=missing), "repeated event_id")
        assert found.numbers["rows"] == 0


def test_rows_of_equal_content_are_counted_missing_values_included(events: pd.DataFrame) -> None:
    copied = pd.concat([events, events.head(100)], ignore_index=True)
    found = found_in(copied, "repeated rows")
    assert found.verdict is Verdict.WARNING
    assert found.numbers["rows"] == 100
    assert found_in(events, "repeated rows").verdict is Verdict.OK


def test_rows_that_differ_in_one_cell_are_different(events: pd.DataFrame) -> None:
    head = events[events["event"] == "purchase"].head(100)
    other = [head.assign(value=head["value"] + 1), head.assign(channel="web"), head.assign(customer_id="other")]
    assert found_in(pd.concat([events, *other], ignore_index=True), "repeated rows").numbers["rows"] == 0


def test_events_known_by_the_day_only_are_not_judged(events: pd.DataFrame) -> None:
    dated = events.assign(timestamp=events["timestamp"].dt.floor("D").where(events["event"] == "campaign_mailed"))
    dated["timestamp"] = dated["timestamp"].fillna(events["timestamp"])
    mailed = dated[dated["event"] == "campaign_mailed"]
    found = found_in(pd.concat([dated, mailed], ignore_index=True), "repeated rows")
    assert found.verdict is Verdict.OK
    assert found.numbers["not_judged"] == ["campaign_mailed"]

import numpy as np
import pandas as pd

from features.ingest import log_from_frame
from features.journey import Journey, load_journey
from tests.training.readiness.conftest import daily_log, only
from training.readiness.coverage import coverage
from training.readiness.finding import Verdict


def test_the_log_and_its_customers_are_counted(journey: Journey) -> None:
    log = daily_log({"purchase": np.full(10, 20)})
    found = only(coverage(log, journey), "log")
    assert found.numbers["events"] == 200
    assert found.numbers["customers"] == 50
    assert found.numbers["days"] == 10
    assert found.numbers["events_per_customer"] == {"mean": 4.0, "median": 4, "q90": 4}


def test_events_of_the_journey_are_counted_and_a_missing_one_is_named_with_what_it_may_be_called() -> None:
    log = daily_log({"order completed": np.full(9, 5), "Order Completed": np.full(9, 5), "Product View": np.full(9, 2)})
    findings = coverage(log, load_journey("ecommerce"))
    assert only(findings, "events of the journey").numbers["events"] == {"Order Completed": 45}
    missing = only(findings, "missing from the log")
    assert missing.verdict is Verdict.WARNING
    assert "Product Viewed" in missing.numbers["events"]
    assert "Order Completed" not in missing.numbers["events"]


def test_a_missing_refund_is_no_warning(events: pd.DataFrame, journey: Journey) -> None:
    missing = only(coverage(log_from_frame(events), journey), "missing from the log")
    assert missing.numbers["events"] == ["refund"]
    assert missing.verdict is Verdict.OK


def test_a_log_without_any_purchase_blocks(journey: Journey) -> None:
    findings = coverage(daily_log({"visit": np.full(9, 5)}), journey)
    assert only(findings, "journey").verdict is Verdict.BLOCKS
    assert "no event under 'activity' is in the log" in only(findings, "journey").sentence


def test_most_events_of_no_stage_are_a_warning(journey: Journey) -> None:
    few = daily_log({"purchase": np.full(9, 5), "visit": np.full(9, 4)})
    many = daily_log({"purchase": np.full(9, 5), "visit": np.full(9, 6)})
    assert only(coverage(few, journey), "events of no stage").verdict is Verdict.OK
    found = only(coverage(many, journey), "events of no stage")
    assert found.verdict is Verdict.WARNING
    assert found.numbers["events"] == {"visit": 54}


def test_every_customer_is_in_a_stage_now_and_a_stage_nobody_ever_entered_is_named(journey: Journey) -> None:
    found = only(coverage(daily_log({"purchase": np.full(10, 20)}), journey), "stages now")
    assert found.numbers["customers"] == {"lapsed": 0, "reached": 0, "occasional": 0, "regular": 50, "loyal": 0}
    assert found.numbers["never_entered"] == ["reached", "loyal"]
    assert found.verdict is Verdict.WARNING

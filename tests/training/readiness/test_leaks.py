import numpy as np
import pandas as pd
import pytest

from features.ingest import Schema
from features.journey import Journey
from tests.training.readiness.conftest import gathered, last_purchases, only
from training.readiness.finding import Verdict
from training.readiness.leaks import leaks


def attributes(events: pd.DataFrame, **columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns, index=last_purchases(events).index).reset_index()


def test_events_alone_are_no_leak(events: pd.DataFrame, journey: Journey) -> None:
    found = only(leaks(gathered(events, journey)), "leaks")
    assert found.verdict is Verdict.OK
    assert 0.6 < found.numbers["auc"] < 0.97


@pytest.mark.parametrize("name", ["status", "quiet", "buys"])
def test_an_attribute_that_tells_the_future_blocks(name: str, events: pd.DataFrame, journey: Journey) -> None:
    quiet = last_purchases(events)
    columns = {
        "status": np.where(quiet.isna(), None, np.where(quiet < 28, "active", "gone")),
        "quiet": quiet,
        "buys": (quiet < 28).astype(float),
    }
    findings = leaks(gathered(events, journey, attributes(events, **{name: columns[name]})))
    (found,) = findings
    assert found.subject == f"leak: attribute '{name}'"
    assert found.verdict is Verdict.BLOCKS
    assert found.numbers["auc"]["purchase_28d"] > 0.97


def test_two_leaks_do_not_hide_each_other(events: pd.DataFrame, journey: Journey) -> None:
    gone = np.where(last_purchases(events) < 28, "active", "gone")
    findings = leaks(gathered(events, journey, attributes(events, status=gone, copy=gone)))
    assert [finding.verdict for finding in findings] == [Verdict.BLOCKS] * 2


def test_honest_attributes_are_no_leak(events: pd.DataFrame, journey: Journey) -> None:
    rng = np.random.default_rng(3)
    customers = last_purchases(events).index
    spent = events.groupby("customer_id")["value"].sum().reindex(customers)
    honest = attributes(
        events,
        town=rng.choice(list("abcdefgh"), len(customers)),
        postcode=rng.integers(0, 10_000, len(customers)).astype(float),
        size=pd.qcut(spent, 3, labels=["s", "m", "l"]).astype("str").to_numpy(),
    )
    assert only(leaks(gathered(events, journey, honest)), "leaks").verdict is Verdict.OK


def test_a_declared_column_that_repeats_the_events_is_no_leak(events: pd.DataFrame, journey: Journey) -> None:
    till = np.where(events["event"] == "purchase", "front", "none")
    evidence = gathered(events.assign(till=till), journey, schema=Schema(dimensions=("till",)))
    assert only(leaks(evidence), "leaks").verdict is Verdict.OK


def test_an_event_that_is_dated_back_is_a_warning(events: pd.DataFrame, journey: Journey) -> None:
    bought = events[events["event"] == "purchase"].groupby("customer_id")["timestamp"].max()
    gone = bought[bought < events["timestamp"].max() - pd.Timedelta(days=28)]
    left = pd.DataFrame({"customer_id": gone.index, "timestamp": gone.array, "event": "left"})
    findings = leaks(gathered(pd.concat([events, left], ignore_index=True), journey))
    assert only(findings, "leak: event 'left'").verdict is Verdict.WARNING


def test_too_few_answers_are_not_judged(events: pd.DataFrame, journey: Journey) -> None:
    found = only(leaks(gathered(events[events["customer_id"] < "c0003"], journey)), "leaks")
    assert found.verdict is Verdict.OK
    assert "not judged" in found.sentence

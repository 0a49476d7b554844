"""Cards of synthetic outcomes."""

from dataclasses import replace

import numpy as np

from serving.matured import Card, card_of
from serving.maturing import Matured
from serving.reports.monitoring import drift_panel, matured_panel
from serving.runs import Run

PROMISED = {"skill": 0.2, "auc": 0.8, "ece": 0.02}


def card(run: int, rows: int = 400, shift: float = 0.0) -> Card:
    """Returns the card of a run whose scores are off by a shift of the log-odds."""
    rng = np.random.default_rng(3)
    odds = rng.normal(-0.5, 1.2, rows)
    yes = 1 / (1 + np.exp(-odds))
    y = (rng.random(rows) < 1 / (1 + np.exp(-(odds + shift)))).astype(np.int64)
    ids = np.array([f"c{row}" for row in range(rows)], dtype=object)
    outcome = Matured("churn", "28d", np.column_stack([1 - yes, yes]), y, ids)
    return card_of(Run(run, "shop", "2", run * 10**6, 0, "finished", None, 0), outcome, PROMISED, now=10**7)


def test_who_never_looked_has_no_verdict_and_no_drift() -> None:
    found = drift_panel(None)
    assert (found["verdict"], found["as_of"], found["scores"], found["features"]) == (None, None, [], [])


def test_the_drift_is_what_the_monitor_kept() -> None:
    drift = {"as_of": "1970-01-01T00:00:01Z", "scores": [{"name": "churn_28d", "index": 0.1}], "features": []}
    model = {"name": "shop", "version": "2"}
    kept = {"verdict": "healthy", "at": 2 * 10**6, "model": model, "reasons": [], "drift": drift}
    told = {"verdict": "healthy", "model": model, "reasons": [], "at": "1970-01-01T00:00:02Z"}
    assert drift_panel(kept) == {**told, **drift}


def test_the_last_card_of_each_target_stands_before_the_earlier_ones() -> None:
    shorter = replace(card(1), horizon="7d")
    found = matured_panel([shorter, card(1), card(2), card(3), card(4, rows=20)])
    assert [(each["name"], each["run_id"]) for each in found["latest"]] == [("churn_7d", 1), ("churn_28d", 3)]
    assert [each["run_id"] for each in found["earlier"]] == [2, 1]
    last = found["latest"][1]
    assert (last["as_of"], last["rows"], last["promised"]) == ("1970-01-01T00:00:03Z", 400, PROMISED)
    assert last["metrics"] == card(3).metrics


def test_each_card_has_its_own_verdict() -> None:
    found = matured_panel([card(1), card(2, shift=2.0)])
    assert found["earlier"][0]["verdict"] == "healthy"
    assert found["latest"][0]["verdict"] == "failing"


def test_nothing_matured_is_nothing() -> None:
    assert matured_panel([]) == {"latest": [], "earlier": []}

"""A store with one scoring run and its report. Data is synthetic."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from serving.batch import read_scores, run_batch
from serving.occasion import Occasion
from serving.reports.run_report import newest_run, read_report
from serving.scorer import Scorer
from serving.store import Store
from serving.tables import PERSONAS

HOSTILE = "<script>alert('event')</script>"
HOSTILE_CHANNEL = '"><img src=x onerror=alert(1)>'
HOSTILE_CUSTOMER = "<b>bold</b>/x"


@dataclass(frozen=True)
class ScoredStore:
    """A store with a run, what was scored, and the report that was kept."""

    url: str
    store: Store
    scorer: Scorer
    table: pd.DataFrame
    report: dict[str, Any]
    as_of: int

    def ask(self, customers: list[str]) -> list[dict[str, Any]]:
        """Returns what the API answers about customers at the cutoff of the run."""
        body = json.dumps({"customer_ids": customers, "as_of": to_iso(self.as_of)}).encode()
        scores: list[dict[str, Any]] = json.loads(self.scorer.answer(body, self.as_of))["scores"]
        return scores


def scored_store(folder: Path, model: RegisteredPredictor, events: pd.DataFrame, cutoff: int) -> ScoredStore:
    """Returns the store of some events, of surveys, of hostile names, and of somebody who comes after the run."""
    moment = pd.Timestamp(cutoff, unit="us", tz="UTC")
    strange = [
        ("c0001", moment - pd.Timedelta("1d"), HOSTILE, HOSTILE_CHANNEL, 5.0),
        ("c0001", moment - pd.Timedelta("2d"), "NPS Answered", "survey", 9.0),
        ("c0002", moment - pd.Timedelta("2d"), "nps_answered", "survey", 3.0),
        ("c0003", moment - pd.Timedelta("3d"), "CSAT Answered", "survey", 4.0),
        ("later", moment + pd.Timedelta("1d"), "purchase", "web", 1.0),
        (HOSTILE_CUSTOMER, moment - pd.Timedelta("5d"), "purchase", "web", 1.0),
    ]
    names = ["customer_id", "timestamp", "event", "channel", "value"]
    frame = pd.concat([events[names], pd.DataFrame(strange, columns=names)], ignore_index=True)
    tiers = pd.DataFrame({"customer_id": sorted(events["customer_id"].unique())})
    url = f"sqlite:///{folder}/nextstage.db"
    store = Store(url)
    store.add(frame)
    store.set_attributes(tiers.assign(tier=["gold" if place % 2 else "<i>basic</i>" for place in range(len(tiers))]))
    _set_personas(store, tiers["customer_id"].tolist())
    run_batch(store, model, Occasion(cutoff, cutoff), folder / "scores.parquet")
    table = read_scores(folder / "scores.parquet")
    with store.database.reading() as connection:
        run = newest_run(connection)
        assert run is not None
        report = read_report(connection, run)
    return ScoredStore(url, store, Scorer(model, store), table, report, cutoff)


def _set_personas(store: Store, customers: list[str]) -> None:
    """Keeps made up ones, as 'nextstage personas' would keep those that it finds."""
    rows = [{"customer_id": name, "persona": f"P{1 + place % 3 % 2}"} for place, name in enumerate(customers)]
    with store.database.writing() as connection:
        connection.execute(PERSONAS.insert(), rows)

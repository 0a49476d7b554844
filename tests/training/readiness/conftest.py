"""Synthetic logs with one thing wrong in each test."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features.arrays import Ints
from features.events import EventLog
from features.featureset import FeatureSet
from features.ingest import Schema, log_from_frame
from features.journey import Journey
from tests.data import generated_events
from training.config import Config
from training.readiness.evidence import Evidence
from training.readiness.finding import Finding

NOW = 2_000_000_000_000_000  # in 2033
START = pd.Timestamp("2024-01-01", tz="UTC")
HORIZON = "28d"


@pytest.fixture(scope="session")
def events() -> pd.DataFrame:
    return generated_events()


@pytest.fixture(scope="session")
def shop(events: pd.DataFrame) -> pd.DataFrame:
    """Returns the events without visits, each of which was drawn to come before a purchase."""
    return events[events["event"] != "visit"].reset_index(drop=True)


@pytest.fixture
def config() -> Config:
    return Config.model_validate({"data": {"events": "events.parquet"}, "journey": "retail"})


def only(findings: tuple[Finding, ...], subject: str) -> Finding:
    """Returns the one finding on a subject."""
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def daily_log(counts: Mapping[str, Ints], first: date = date(2024, 1, 1)) -> EventLog:
    """Returns a log with so many of each event on each day, dealt out to fifty customers, evenly through the day."""
    parts = []
    for event, each in counts.items():
        day = np.repeat(np.arange(len(each)), each)
        place = np.arange(len(day)) - np.repeat(np.cumsum(each) - each, each)
        hours = (place + 0.5) / np.repeat(each, each) * 24
        moments = pd.Timestamp(first, tz="UTC") + pd.to_timedelta(day * 24 + hours, unit="h")
        parts.append(pd.DataFrame({"timestamp": moments, "event": event}))
    frame = pd.concat(parts, ignore_index=True)
    return log_from_frame(frame.assign(customer_id=[f"c{number % 50:02d}" for number in range(len(frame))]))


def gathered(
    events: pd.DataFrame, journey: Journey, attributes: pd.DataFrame | None = None, schema: Schema | None = None
) -> Evidence:
    log = log_from_frame(events, schema, attributes)
    return Evidence.gather(log, journey, FeatureSet.default(log, journey), HORIZON)


def last_purchases(events: pd.DataFrame) -> pd.Series:
    """Returns the days before the log's end of each customer's last purchase; missing for who never bought."""
    bought = events[events["event"] == "purchase"].groupby("customer_id")["timestamp"].max()
    quiet = (events["timestamp"].max() - bought).dt.total_seconds() / 86_400
    return quiet.reindex(pd.Index(events["customer_id"].unique(), name="customer_id"))

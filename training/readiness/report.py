"""All checks put together: what ``nextstage check`` says of the data that nextstage.yaml names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from features.errors import EventLogError, RowName
from features.events import EventLog
from features.featureset import FeatureSet
from features.ingest import Schema, log_from_frame
from features.journey import Journey, load_journey
from features.sources.files import read_attributes, read_table
from training.config import Config, named_events
from training.readiness.coincidences import coincidences
from training.readiness.copies import copies
from training.readiness.coverage import coverage
from training.readiness.crowding import crowding
from training.readiness.drops import drops
from training.readiness.duplicates import duplicates
from training.readiness.evidence import Evidence
from training.readiness.exclusives import exclusives
from training.readiness.finding import Finding, Verdict
from training.readiness.holes import holes
from training.readiness.lateness import future, lateness
from training.readiness.leaks import leaks
from training.readiness.needs import needs
from training.readiness.rows import Rows
from training.readiness.values import values


@dataclass(frozen=True)
class ReadinessReport:
    """The findings in the order in which they are read."""

    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing blocks training."""
        return all(finding.verdict is not Verdict.BLOCKS for finding in self.findings)

    def count(self, verdict: Verdict) -> int:
        """Returns how many findings have a verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {"ready": self.is_ready, "findings": [finding.to_dict() for finding in self.findings]}


def check(config: Config, now: int) -> ReadinessReport:
    """Returns what is to be said of the data before it is trained on.

    Parameters
    ----------
    now
        The clock, UTC microseconds.

    Raises
    ------
    NextstageError
        If the events or attributes cannot be read at all, or the journey or the features are malformed.
    """
    journey = load_journey(config.journey)
    events = named_events(config)
    frame, row_name = read_table(events)
    if frame.empty:
        raise EventLogError(f"{events} holds no events; give at least one row")
    table = None if config.data.attributes is None else read_attributes(config.data.attributes)
    return check_rows(frame, table, journey, config, now, row_name)


def check_settled(config: Config, log: EventLog) -> ReadinessReport:
    """Returns what is to be said of a log whose raw rows are settled already, as those of a store are."""
    return ReadinessReport(check_log(log, load_journey(config.journey), config))


def check_rows(
    frame: pd.DataFrame,
    attributes: pd.DataFrame | None,
    journey: Journey,
    config: Config,
    now: int,
    row_name: RowName,
) -> ReadinessReport:
    """Returns the report of rows in memory; those of the future are counted and left out of everything else."""
    schema = Schema(config.data.timezone, config.data.dimensions, config.data.measures)
    rows = Rows.parse(frame, schema, row_name)
    raw = (*future(rows, now), *lateness(rows), *duplicates(rows))
    kept = rows.timed(frame)[~rows.is_ahead(now)]
    if kept.empty:
        return ReadinessReport(raw)
    log = log_from_frame(kept, schema, attributes)
    return ReadinessReport((*check_log(log, journey, config, raw),))


def check_log(log: EventLog, journey: Journey, config: Config, raw: tuple[Finding, ...] = ()) -> tuple[Finding, ...]:
    """Returns the findings on a log, those on its raw rows among them; one that the journey does not fit ends early."""
    first = (*coverage(log, journey), *raw, *holes(log), *drops(log), *crowding(log))
    if any(finding.verdict is Verdict.BLOCKS for finding in first if finding not in raw):
        return first
    features = FeatureSet.default(log, journey)
    if config.features is not None:
        features = FeatureSet.load(Path(config.features)).bind(log, journey)
    findings = [*first, *values(log, journey)]
    evidence = Evidence.gather(log, journey, features, config.horizon)
    findings += [*leaks(evidence), *exclusives(evidence)]
    findings += [*copies(log, journey, config.horizon), *coincidences(log, journey, config.horizon)]
    return (*findings, *needs(log, journey, config))

"""Everything that the dashboard shows of a scoring run, worked out once, when the run takes place."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from features.arrays import Texts
from features.journey import Journey
from features.timestamps import to_iso
from features.touches import Paths
from serving.database import Row, run_blocks
from serving.reports.attribution import attribution
from serving.reports.audience import audience_curves
from serving.reports.expected import Expected
from serving.reports.flows import flows
from serving.reports.journey_map import journey_map
from serving.reports.kpis import known_periods, kpis
from serving.reports.observed import Observed
from serving.tables import LEADERS, REPORTS, RUNS

MOST_LEADING = 50  # customers listed for each stage
MOST_VALUES = 8
SMALLEST_GROUP = 20  # customers; the figures of fewer would tell of single ones


@dataclass(frozen=True)
class RunReport:
    """The figures of all customers together, and the ids of those whom a stage's page lists.

    Parameters
    ----------
    figures
        Plain data without ids.
    leading
        By stage the customers most likely to leave it, the most likely first.
    """

    figures: dict[str, Any]
    leading: dict[str, list[str]]


def run_report(observed: Observed, expected: Expected, paths: Paths, personas: Texts, journey: Journey) -> RunReport:
    """Returns the report of a run.

    Parameters
    ----------
    observed, expected, personas
        Of the same customers in the same order; who has no persona has None.
    """
    periods = known_periods(observed)
    figures = {
        "as_of": to_iso(observed.as_of),
        "horizon": expected.horizon,
        "horizons": list(expected.horizons),
        "stages": [{"name": name, "label": label} for name, label in _labels(journey).items()],
        "customers": len(observed.customers),
        "maps": [journey_map(observed, journey, period, expected).to_dict() for period in range(periods)],
        "groups": _groups(observed, expected, journey),
        "flows": flows(observed, journey, expected, periods).to_dict(),
        "kpis": kpis(observed, journey).to_dict(),
        "attribution": attribution(paths).to_dict(),
        "audience": audience_curves(expected, journey, personas).to_dict(),
    }
    return RunReport(figures, _leading(observed, expected, journey))


def add_report(connection: Connection, run_id: int, report: RunReport) -> None:
    """Keeps the report of a run."""
    text = json.dumps(report.figures, ensure_ascii=False, allow_nan=False)
    connection.execute(REPORTS.insert().values(run_id=run_id, report=text))
    rows: list[Row] = [
        {"run_id": run_id, "customer_id": customer, "stage": stage, "place": place}
        for stage, customers in report.leading.items()
        for place, customer in enumerate(customers, 1)
    ]
    run_blocks(connection, LEADERS.insert(), rows)


def newest_run(connection: Connection) -> int | None:
    """Returns the key of the latest run that has a report; None before the first."""
    found: int | None = connection.scalar(select(func.max(REPORTS.c.run_id)))
    return found


def read_report(connection: Connection, run_id: int) -> dict[str, Any]:
    """Returns the figures of a run with the model and the time of the run."""
    c = RUNS.c
    query = select(REPORTS.c.report, c.model_name, c.model_version, c.scored_at)
    row = connection.execute(query.join(RUNS, c.run_id == REPORTS.c.run_id).where(c.run_id == run_id)).one()
    model = {"name": row.model_name, "version": row.model_version}
    return {**json.loads(row.report), "run": run_id, "model": model, "scored_at": to_iso(row.scored_at)}


def read_leading(connection: Connection, run_id: int, stage: str) -> list[str]:
    """Returns the customers of a run who are most likely to leave a stage, the most likely first."""
    c = LEADERS.c
    query = select(c.customer_id).where(c.run_id == run_id, c.stage == stage).order_by(c.place)
    return list(connection.scalars(query))


def _labels(journey: Journey) -> dict[str, str | None]:
    own = {stage.name: stage.label for stage in journey.stages}
    return {name: own.get(name) for name in journey.stage_names}


def _groups(observed: Observed, expected: Expected, journey: Journey) -> dict[str, dict[str, Any]]:
    """Returns the latest map of each group of customers that is large enough to be shown."""
    found: dict[str, dict[str, Any]] = {}
    for name, texts in observed.groups.items():
        maps: dict[str, Any] = {}
        for value in _values(texts):
            chosen = np.asarray(texts == value, dtype=bool)
            maps[value] = journey_map(observed.take(chosen), journey, 0, expected.take(chosen)).to_dict()
        if len(maps) > 1:
            found[name] = maps
    return found


def _values(texts: Texts) -> list[str]:
    counted: Mapping[str, int] = Counter(text for text in texts.tolist() if text is not None)
    most = sorted(counted, key=lambda value: (-counted[value], value))[:MOST_VALUES]
    return sorted(value for value in most if counted[value] >= SMALLEST_GROUP)


def _leading(observed: Observed, expected: Expected, journey: Journey) -> dict[str, list[str]]:
    moving = expected.moving()
    found = {}
    for code, name in enumerate(journey.stage_names):
        there = np.flatnonzero(expected.stage == code)
        best = there[np.argsort(-moving[there], kind="stable")[:MOST_LEADING]]
        found[name] = observed.customers[best].tolist()
    return found

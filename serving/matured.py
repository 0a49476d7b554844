"""The card of one target and horizon of a run that has matured: what happened beside what was promised."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from models.bootstrap import Resampling, bootstrap
from models.chance import expected_by_chance
from models.deciles import deciles
from models.enough import is_enough
from models.metrics import confidence, confirmed, entropy, evaluate, reliability
from serving.database import Database, Row
from serving.maturing import Matured
from serving.runs import Run
from serving.tables import RUNS, SCORECARDS

RESAMPLING = Resampling(replicates=200)
"""Drawn often enough for the ends of a 95 % interval on a dozen targets and horizons."""
NEXTSTAGE, PREVALENCE = "nextstage", "prevalence"
WITH_INTERVALS = ("log_loss", "brier", "auc", "lift_10")


@dataclass(frozen=True)
class Card:
    """How one target and horizon of a run came out.

    Parameters
    ----------
    as_of, matured_at
        The cutoff of the run, and when it was looked at what had come of it, UTC microseconds.
    is_whole
        Whether everybody was scored; those of whom something had just become known are not like the others.
    rows
        How many customers it was asked of who are still there.
    metrics
        As ``models.metrics.evaluate`` and the skill; none if there were too few customers, or only one class.
    intervals
        The ends at 95 %, by metric.
    promised
        The same metrics on the test period that the recipe of this version had not seen; none without one.
    by_chance
        The calibration error that chance alone makes on as many rows.
    reliability
        Mean prediction, actual share and rows of each tenth by prediction, the lowest first.
    deciles
        What was expected and what happened in each tenth, the highest first; of two classes only.
    """

    run_id: int
    model_name: str
    model_version: str
    as_of: int
    is_whole: bool
    target: str
    horizon: str
    matured_at: int
    rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, Sequence[float]]
    promised: Mapping[str, float]
    by_chance: float
    reliability: Sequence[Sequence[float]]
    deciles: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """What tables call it, such as ``churn_28d``."""
        return f"{self.target}_{self.horizon}"

    @property
    def is_measured(self) -> bool:
        """Whether there was enough to measure."""
        return bool(self.metrics)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return asdict(self)


def card_of(run: Run, outcome: Matured, promised: Mapping[str, float], now: int) -> Card:
    """Returns the card of an outcome.

    Parameters
    ----------
    promised
        As ``promise`` returns it.
    now
        The clock, UTC microseconds.
    """
    named = (run.run_id, run.model_name, run.model_version, run.as_of, run.is_whole)
    about = (*named, outcome.kind, outcome.horizon, now, len(outcome.y))
    if not is_enough(outcome.y):
        return Card(*about, {}, {}, promised, 0.0, (), ())
    given, y = outcome.probabilities, outcome.y
    customer = np.unique(outcome.customer.astype(str), return_inverse=True)[1]
    metrics, most = evaluate(given, y), entropy(y)
    asked = [metric for metric in WITH_INTERVALS if metric in metrics]
    found = bootstrap(given, y, customer, asked, RESAMPLING)
    intervals = {metric: (interval.low, interval.high) for metric, interval in found.items()}
    low, high = intervals["log_loss"]
    return Card(
        *about,
        {**metrics, "skill": 1.0 - metrics["log_loss"] / most},
        {**intervals, "skill": (1.0 - high / most, 1.0 - low / most)},
        promised,
        expected_by_chance(given, RESAMPLING.seed),
        reliability(confidence(given), confirmed(given, y)).tolist(),
        [decile.to_dict() for decile in deciles(given[:, 1], y, customer)] if given.shape[1] == 2 else (),
    )


def promise(facts: Mapping[str, Any], name: str) -> dict[str, float]:
    """Returns what a version promised of a target and horizon, by the facts of its predictor; nothing if it did not."""
    measured = facts.get("metrics", {}).get(name, {})
    told = dict(measured.get(NEXTSTAGE, {}))
    if told and PREVALENCE in measured:
        told["skill"] = 1.0 - told["log_loss"] / measured[PREVALENCE]["log_loss"]
    return told


def write_cards(database: Database, connection: Connection, cards: Sequence[Card]) -> None:
    """Keeps cards; each run has one per target and horizon, the first one."""
    rows: list[Row] = [
        {
            "run_id": card.run_id,
            "target": card.target,
            "horizon": card.horizon,
            "matured_at": card.matured_at,
            "card": json.dumps(card.to_dict()),
        }
        for card in cards
    ]
    database.add_missing(connection, SCORECARDS, rows)


def read_cards(connection: Connection) -> list[Card]:
    """Returns every card of the runs that are kept, the oldest cutoff first."""
    query = select(SCORECARDS.c.card).join(RUNS, RUNS.c.run_id == SCORECARDS.c.run_id)
    ordered = query.order_by(RUNS.c.as_of, RUNS.c.run_id, SCORECARDS.c.target)
    return [Card(**json.loads(text)) for text in connection.scalars(ordered)]


def recent_cards(connection: Connection, name: str, version: str, most: int) -> list[Card]:
    """Returns a version's last cards of each target and horizon, at most so many, the oldest cutoff first.

    Only of runs that scored everybody.
    """
    c, order = SCORECARDS.c, (RUNS.c.as_of.desc(), RUNS.c.run_id.desc())
    age = func.row_number().over(partition_by=(c.target, c.horizon), order_by=order).label("age")
    own = (RUNS.c.model_name == name, RUNS.c.model_version == version, RUNS.c.since.is_(None))
    ranked = select(c.card, c.target, c.horizon, age).join(RUNS, RUNS.c.run_id == c.run_id).where(*own).subquery()
    query = (
        select(ranked.c.card)
        .where(ranked.c.age <= most)
        .order_by(ranked.c.age.desc(), ranked.c.target, ranked.c.horizon)
    )
    return [Card(**json.loads(text)) for text in connection.scalars(query)]


def latest_cards(cards: Sequence[Card], name: str, version: str) -> list[Card]:
    """Returns a version's last measured card of each target and horizon, of runs that scored everybody.

    Parameters
    ----------
    cards
        The oldest cutoff first.
    """
    own = [card for card in cards if (card.model_name, card.model_version) == (name, version)]
    latest = {card.name: card for card in own if card.is_whole and card.is_measured}
    return list(latest.values())

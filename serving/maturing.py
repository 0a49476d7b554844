"""What came of a scoring run: what it said of each customer beside the target's own outcome, horizon by horizon."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from features.arrays import Floats, Ints, Texts
from features.durations import parse_duration
from features.snapshots import Snapshots
from features.targets import NO_LABEL, NO_YES
from models.predictor import Predictor
from models.target_model import TargetModel
from serving.database import each_block
from serving.runs import Run, scored_customers
from serving.store import Store
from serving.tables import EVENTS, SCORES

BLOCK = 1_000  # customers in memory at once

TargetHorizon = tuple[TargetModel, str]
"""A target with its classes, and one of its horizons."""


@dataclass(frozen=True, eq=False)
class Matured:
    """What a run said of one target and horizon, and what happened.

    Parameters
    ----------
    probabilities
        As they were kept, shape (rows, classes).
    y
        The class that came, shape (rows,).
    customer
        Ids, shape (rows,).
    """

    kind: str
    horizon: str
    probabilities: Floats
    y: Ints
    customer: Texts


def complete_until(connection: Connection, now: int) -> int | None:
    """Returns until when events are complete, the latest that had joined the history by now; None without events."""
    latest = connection.execute(select(func.max(EVENTS.c.timestamp), func.max(EVENTS.c.known_at))).one()
    known = [moment for moment in latest if moment is not None]
    return min(now, max(known)) if known else None


def passed(run: Run, predictor: Predictor, complete: int) -> list[TargetHorizon]:
    """Returns the targets and horizons of a run whose outcomes are complete.

    Those of a run before the end of what its model has learnt are never: it would be asked what it was told.
    """
    if run.as_of < predictor.facts.get("end", run.as_of):
        return []
    return [
        (model, horizon)
        for model in predictor.models
        for horizon in model.target.horizons
        if run.as_of + parse_duration(horizon) <= complete
    ]


def mature(
    store: Store,
    run: Run,
    predictor: Predictor,
    questions: Sequence[TargetHorizon],
    on_progress: Callable[[float], None] | None = None,
) -> list[Matured]:
    """Returns the outcome of each question, among the customers of a run who are still there and have not opted out.

    Events count that had joined the history when the horizon ended, and no later one. Who had no event yet at the
    cutoff does not count.

    Parameters
    ----------
    on_progress
        Called with the share of the work done since the last call; the shares sum to one.
    """
    with store.database.reading() as connection:
        scored = sorted(scored_customers(connection, run))
    ids = sorted(set(store.customers(scored)) - store.suppressed(scored))
    parts: list[list[Matured]] = []
    for first in range(0, len(ids), BLOCK):
        block = ids[first : first + BLOCK]
        parts.append(list(_mature_block(store, run, predictor, questions, block)))
        if on_progress is not None:
            on_progress(len(block) / len(ids))
    return [_joined(own) for own in zip(*parts, strict=True)]


def _mature_block(
    store: Store, run: Run, predictor: Predictor, questions: Sequence[TargetHorizon], ids: Sequence[str]
) -> Iterator[Matured]:
    log = store.log(ids)
    snapshots = Snapshots.grid(log, np.array([run.as_of]))
    customer = log.customers[snapshots.customer]
    with store.database.reading() as connection:
        said = _said(connection, run, ids)
    for model, horizon in questions:
        until = run.as_of + parse_duration(horizon)
        y = model.target.labels(log, predictor.journey, snapshots, horizon, until)
        given = [_probabilities(model, horizon, *said[name]) for name in customer]
        known = (y != NO_LABEL) & np.array([each is not None for each in given], dtype=bool)
        rows = np.array([each for each, asked in zip(given, known, strict=True) if asked], dtype=np.float64)
        shaped = rows.reshape(len(rows), len(model.classes))
        yield Matured(model.target.kind, horizon, shaped, y[known], customer[known])


def _said(connection: Connection, run: Run, ids: Sequence[str]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    query = select(SCORES.c.customer_id, SCORES.c.scores, SCORES.c.vectors).where(SCORES.c.run_id == run.run_id)
    rows = (row for block in each_block(SCORES.c.customer_id, ids) for row in connection.execute(query.where(block)))
    return {row.customer_id: (json.loads(row.scores), json.loads(row.vectors or "{}")) for row in rows}


def _probabilities(
    model: TargetModel, horizon: str, flat: dict[str, Any], vectors: dict[str, Any]
) -> list[float] | None:
    """Returns what was said; None where it was not asked, or an earlier release did not keep it."""
    kind = model.target.kind
    if model.classes != NO_YES:
        place = model.target.horizons.index(horizon)
        return vectors[kind][place] if kind in vectors else None
    yes = flat.get(f"{kind}_{horizon}")
    return None if yes is None else [1.0 - yes, yes]


def _joined(parts: Sequence[Matured]) -> Matured:
    return Matured(
        parts[0].kind,
        parts[0].horizon,
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.y for part in parts]),
        np.concatenate([part.customer for part in parts]),
    )

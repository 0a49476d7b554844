"""Columns of the events themselves whose value tells what its customer does next: they copy the answer."""

import numpy as np

from features.arrays import Floats, Singles
from features.durations import parse_duration
from features.events import EVENT, EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from models.enough import FEWEST_OF_A_CLASS
from training.readiness.answers import Answers, answers_at
from training.readiness.finding import Finding, Verdict, listed
from training.readiness.leaks import FAR, TOO_WELL
from training.readiness.solo import binned, solo_auc

MOST_ROWS = 20_000


def copies(log: EventLog, journey: Journey, horizon: str) -> tuple[Finding, ...]:
    """Returns the columns whose value in a row tells too well what follows the row.

    Every event (evenly chosen, at most 20,000) is a cutoff. What a value means is learned on half of the customers and
    measured on the other half. A column copies an answer if its AUC is above 0.97 and far above what the kind of event
    tells.
    """
    rows = np.flatnonzero(log.time + parse_duration(horizon) <= log.end)
    rows = rows[:: max(1, -(-len(rows) // MOST_ROWS))]
    snapshots = Snapshots.every_event(log).take(rows)
    columns = {name: column[rows].astype(np.float32) for name, column in _columns(log).items()}
    told: dict[str, dict[str, float]] = {}
    for answers in answers_at(log, journey, horizon, snapshots):
        if len(answers.classes) == 2 and answers.counts(answers.known).min() >= FEWEST_OF_A_CLASS:
            scores = {name: _score(column, answers, snapshots) for name, column in columns.items()}
            by_event = scores.pop(EVENT)
            for name, auc in scores.items():
                if auc > TOO_WELL and 1 - auc <= FAR * (1 - by_event):
                    told.setdefault(name, {})[answers.target] = auc
    return tuple(_finding(name, scores) for name, scores in told.items())


def _columns(log: EventLog) -> dict[str, Floats]:
    """Returns every column of the events as numbers, NaN where missing."""
    codes = {
        name: np.where(dimension.codes < 0, np.nan, dimension.codes.astype(np.float64))
        for name, dimension in log.dimensions.items()
    }
    return {**codes, **log.measures}


def _score(column: Singles, answers: Answers, snapshots: Snapshots) -> float:
    known = answers.known
    bins, number = binned(column[known])
    return solo_auc(bins, number, answers.y[known] == 1, snapshots.customer[known] % 2 == 1)


def _finding(name: str, scores: dict[str, float]) -> Finding:
    named = listed(f"{target} with an AUC of {auc:.3f}" for target, auc in scores.items())
    sentence = (
        f"its value in a row tells {named} from that row on; it was filled in afterwards, so leave the column out"
    )
    return Finding(f"leak: values of '{name}'", Verdict.BLOCKS, sentence, {"auc": scores})

"""Looks at the model that answers: what came of its runs, and how far the present is from where it was made."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from features.errors import PredictorError
from features.timestamps import to_iso
from models.predictor import Predictor, RegisteredPredictor
from serving.drift import Drift, count_features, count_scores, drifts, some_of
from serving.judgement import Finding, judge
from serving.matured import Card, card_of, latest_cards, promise, read_cards, write_cards
from serving.maturing import TargetHorizon, complete_until, mature, passed
from serving.runs import Run, latest_runs, read_runs, read_score_rows, standing_runs
from serving.store import Store
from serving.tables import VERDICTS

Load = Callable[[str, str], RegisteredPredictor]
"""Finds a version of a model by its name and version, or raises PredictorError."""

KEPT = 1_000
"""Verdicts: nearly three years of daily looks."""


@dataclass(frozen=True)
class MonitorReport:
    """What is to be said of the model that answers.

    Parameters
    ----------
    at
        UTC microseconds.
    cards
        The last of each target and horizon.
    fresh
        Those that have matured just now, of every version.
    drift_of
        The cutoff of the scores and features whose drift this is; None without a run or without a reference.
    """

    verdict: str
    at: int
    model_name: str
    model_version: str
    findings: tuple[Finding, ...]
    cards: tuple[Card, ...]
    fresh: tuple[Card, ...]
    drift_of: int | None
    scores: tuple[Drift, ...]
    features: tuple[Drift, ...]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "verdict": self.verdict,
            "at": to_iso(self.at),
            "model": {"name": self.model_name, "version": self.model_version},
            "reasons": [finding.to_dict() for finding in self.findings],
            "cards": [card.to_dict() for card in self.cards],
            "matured_now": [[card.run_id, card.name] for card in self.fresh],
            "drift": {
                "as_of": None if self.drift_of is None else to_iso(self.drift_of),
                "scores": [drift.to_dict() for drift in self.scores],
                "features": [drift.to_dict() for drift in self.features],
            },
        }


def run_monitor(
    store: Store,
    champion: RegisteredPredictor,
    load: Load,
    now: int,
    on_progress: Callable[[float], None] | None = None,
) -> MonitorReport:
    """Matures every kept run whose horizons have passed, looks at the drift, keeps both and returns the verdict.

    Parameters
    ----------
    champion
        The model that the verdict is on.
    load
        Finds the models of other runs; one that is gone leaves its runs as they are.
    now
        The clock, UTC microseconds.
    on_progress
        Called with the share of the work done since the last call.
    """
    fresh = mature_runs(store, champion, load, now, on_progress)
    drift_of, scores, features = drift_since_training(store, champion)
    with store.database.reading() as connection:
        cards = latest_cards(read_cards(connection), champion.name, champion.version)
    verdict, findings = judge(cards, scores, features)
    named = (champion.name, champion.version)
    report = MonitorReport(verdict, now, *named, findings, tuple(cards), tuple(fresh), drift_of, scores, features)
    with store.database.writing() as connection:
        _keep(connection, report)
    return report


def mature_runs(
    store: Store,
    champion: RegisteredPredictor,
    load: Load,
    now: int,
    on_progress: Callable[[float], None] | None = None,
) -> list[Card]:
    """Returns and keeps the cards of all targets and horizons that have passed since somebody looked."""
    with store.database.reading() as connection:
        complete = complete_until(connection, now)
        runs = read_runs(connection) if complete is not None else []
        known = {(card.run_id, card.target, card.horizon) for card in read_cards(connection)}
    models = {(champion.name, champion.version): champion.predictor}
    fresh: list[Card] = []
    for run in runs:
        predictor = _found(models, load, run)
        ended = [] if predictor is None or complete is None else passed(run, predictor, complete)
        asked = [each for each in ended if (run.run_id, each[0].target.kind, each[1]) not in known]
        if predictor is not None and asked:
            fresh += _cards(store, run, predictor, asked, now)
        if on_progress is not None:
            on_progress(1.0 / len(runs))
    return fresh


def _cards(store: Store, run: Run, predictor: Predictor, asked: Sequence[TargetHorizon], now: int) -> list[Card]:
    outcomes = mature(store, run, predictor, asked)
    cards = [card_of(run, each, promise(predictor.facts, f"{each.kind}_{each.horizon}"), now) for each in outcomes]
    with store.database.writing() as connection:
        write_cards(store.database, connection, cards)
    return cards


def _found(models: dict[tuple[str, str], Predictor], load: Load, run: Run) -> Predictor | None:
    key = (run.model_name, run.model_version)
    if key not in models:
        try:
            models[key] = load(*key).predictor
        except PredictorError:
            return None
    return models[key]


def drift_since_training(
    store: Store, model: RegisteredPredictor
) -> tuple[int | None, tuple[Drift, ...], tuple[Drift, ...]]:
    """Returns the cutoff of a model's last scores, and the drift of scores and features there; none without a run."""
    reference = model.predictor.reference
    with store.database.reading() as connection:
        runs = standing_runs(read_runs(connection))
        if reference is None or not runs or not runs[-1].is_by(model):
            return None, (), ()
        latest = latest_runs(connection, runs)
    as_of, ids = runs[-1].as_of, some_of(_present(store, list(latest)))
    with store.database.reading() as connection:
        scores = count_scores(reference, read_score_rows(connection, latest, ids))
    features = count_features(store, model.predictor, reference, ids, as_of)
    return as_of, drifts(reference.scores, scores), drifts(reference.features, features)


def _present(store: Store, ids: Sequence[str]) -> list[str]:
    opted_out = store.suppressed(ids)
    return [name for name in store.customers(ids) if name not in opted_out]


def _keep(connection: Connection, report: MonitorReport) -> None:
    told = report.to_dict()
    detail = {"reasons": told["reasons"], "drift": told["drift"]}
    named = {"model_name": report.model_name, "model_version": report.model_version}
    kept = {**named, "at": report.at, "verdict": report.verdict, "detail": json.dumps(detail)}
    connection.execute(VERDICTS.insert().values(**kept))
    newest = select(VERDICTS.c.sequence).order_by(VERDICTS.c.sequence.desc()).limit(KEPT)
    connection.execute(VERDICTS.delete().where(VERDICTS.c.sequence.not_in(newest)))


def last_verdict(connection: Connection) -> dict[str, Any] | None:
    """Returns the last verdict as plain data, its reasons and the drift; None if nobody has looked yet."""
    row = connection.execute(select(VERDICTS).order_by(VERDICTS.c.sequence.desc()).limit(1)).first()
    if row is None:
        return None
    named = {"name": row.model_name, "version": row.model_version}
    return {"verdict": row.verdict, "at": row.at, "model": named, **json.loads(row.detail)}

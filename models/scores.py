"""The answer: what is predicted for each customer, in the same words in a file, a table and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import Bools, Floats, Ints, Texts
from features.durations import whole_days
from features.targets import NO_YES, NextEvent, NextStage, Target
from features.timestamps import to_iso
from models.ranking import Ranking, bands, deciles
from models.spend import SPEND, SpendScores

UNKNOWN = int(np.iinfo(np.int64).min)
"""Stands for a time that is not known."""


@dataclass(frozen=True, eq=False)
class TargetScores:
    """What is predicted of one target.

    Parameters
    ----------
    probabilities
        Calibrated, shape (rows, horizons, classes).
    is_asked
        Where the question makes sense, shape (rows, horizons).
    median_days, expected_days
        The wait for what comes first, shape (rows,); see ``Forecast``.
    ranking
        Where a probability of yes stands among all customers.
    basis
        ``model``, or ``baseline`` where there was too little data for one.
    """

    target: Target
    classes: tuple[str, ...]
    probabilities: Floats
    is_asked: Bools
    median_days: Floats
    expected_days: Floats
    ranking: Ranking | None = None
    basis: str = "model"

    def at(self, horizon: str) -> tuple[Floats, Bools]:
        """Returns the probabilities at one horizon, shape (rows, classes), and where they make sense."""
        place = self.target.horizons.index(horizon)
        return self.probabilities[:, place], self.is_asked[:, place]

    def yes_columns(self, horizon: str) -> dict[str, list[Any]]:
        """Returns the probability of yes at a horizon with its rank, and at every horizon."""
        kind = self.target.kind
        probabilities, asked = self.at(horizon)
        columns = {f"{kind}_prob": _where_asked(probabilities[:, 1].tolist(), asked)}
        if self.ranking is not None:
            percentiles = self.ranking.percentiles(probabilities[:, 1])
            columns[f"{kind}_percentile"] = _where_asked(percentiles.tolist(), asked)
            columns[f"{kind}_decile"] = _where_asked(deciles(percentiles).tolist(), asked)
            columns[f"{kind}_band"] = _where_asked(bands(percentiles).tolist(), asked)
        for every in self.target.horizons:
            probabilities, asked = self.at(every)
            columns[f"{kind}_{every}"] = _where_asked(probabilities[:, 1].tolist(), asked)
        return columns

    def class_columns(self, horizon: str, named: str) -> dict[str, list[Any]]:
        """Returns the most probable class at a horizon, and the probability of every one."""
        probabilities, _ = self.at(horizon)
        best = probabilities.argmax(axis=1)
        names = np.asarray(self.classes, dtype=object)
        return {
            f"{named}_next": names[best].tolist(),
            f"{named}_next_prob": probabilities[np.arange(len(best)), best].tolist(),
            **{f"{named}_next_prob_{name}": probabilities[:, code].tolist() for code, name in enumerate(names)},
        }

    def move_columns(self, stage: Texts) -> dict[str, list[Any]]:
        """Returns when the next move comes, and how probable it is by each horizon.

        The median is None where a move within the longest horizon is not as likely as not; in the expected wait who
        does not move counts with the longest horizon.
        """
        codes = np.array([self.classes.index(name) for name in stage], dtype=np.int64)
        stays = self.probabilities[np.arange(len(codes)), :, codes]
        known = ~np.isnan(self.median_days)
        return {
            "days_to_move_median": _where_asked(self.median_days.tolist(), known),
            "days_to_move_expected": self.expected_days.tolist(),
            **{f"{MOVE}_{h}": (1.0 - stays[:, place]).tolist() for place, h in enumerate(self.target.horizons)},
        }

    def nested(self) -> list[dict[str, Any]]:
        """Returns for each row the answer by horizon: the probability of yes, or that of every class by its name."""
        rows = self.probabilities.tolist()
        if self.classes == NO_YES:
            asked = self.is_asked.tolist()
            return [
                {h: p[1] if ask else None for h, p, ask in zip(self.target.horizons, row, asks, strict=True)}
                for row, asks in zip(rows, asked, strict=True)
            ]
        return [
            {h: dict(zip(self.classes, p, strict=True)) for h, p in zip(self.target.horizons, row, strict=True)}
            for row in rows
        ]


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of customers at their cutoffs.

    Parameters
    ----------
    customer_id
        Shape (rows,).
    horizon
        The main one.
    as_of
        Cutoffs in UTC microseconds, shape (rows,).
    stage_current
        Stage names, shape (rows,).
    stage_since
        When that stage was entered, UTC microseconds, shape (rows,); UNKNOWN before a customer's first event.
    last_event
        Time of the last event used, UTC microseconds, shape (rows,); UNKNOWN before a customer's first event.
    spend
        What is expected to be spent; None for a predictor that knows no values.
    """

    customer_id: Texts
    horizon: str
    as_of: Ints
    stage_current: Texts
    stage_since: Ints
    last_event: Ints
    targets: tuple[TargetScores, ...]
    spend: SpendScores | None = None

    def __len__(self) -> int:
        return len(self.customer_id)

    def stage_codes(self, stage_names: tuple[str, ...]) -> Ints:
        """Returns the place of each row's current stage among these names."""
        place = {name: code for code, name in enumerate(stage_names)}
        return np.array([place[name] for name in self.stage_current], dtype=np.int64)

    def columns(self) -> dict[str, list[Any]]:
        """Returns the flat columns of the score table; a probability that was not asked for is None.

        ``stage_next`` is the most probable entry of the next-stage vector; equal to ``stage_current`` it means staying.
        Columns without a horizon in their name are of the main horizon, ``horizon_days``.
        """
        rows = len(self)
        columns: dict[str, list[Any]] = {
            "customer_id": self.customer_id.tolist(),
            "as_of": [to_iso(moment) for moment in self.as_of],
            "last_event": [_iso_or_none(moment) for moment in self.last_event],
            "stage_current": self.stage_current.tolist(),
            "stage_since": [_iso_or_none(moment) for moment in self.stage_since],
            "horizon_days": [whole_days(self.horizon)] * rows,
        }
        for scored in self.targets:
            columns |= {**self._columns(scored), f"{scored.target.kind}_basis": [scored.basis] * rows}
        return columns if self.spend is None else columns | self.spend.columns(self.horizon)

    def frame(self) -> pd.DataFrame:
        """Returns the score table, one row per customer; a column has the same type whatever is in it."""
        return typed(pd.DataFrame(self.columns()))

    def vectors(self) -> list[dict[str, list[list[float]]]]:
        """Returns for each row the probabilities of targets with more than two classes, by horizon and class."""
        many = {
            scored.target.kind: scored.probabilities.tolist() for scored in self.targets if scored.classes != NO_YES
        }
        return [dict(zip(many, row, strict=True)) for row in zip(*many.values(), strict=True)]

    def records(self) -> list[dict[str, Any]]:
        """Returns one plain record per row; what depends on the horizon is nested by horizon and class."""
        columns = {name: values for name, values in self.columns().items() if not self._is_nested(name)}
        for scored in self.targets:
            columns[scored.target.kind] = scored.nested()
        if self.spend is not None:
            columns[SPEND] = self.spend.nested()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _columns(self, scored: TargetScores) -> dict[str, list[Any]]:
        if scored.classes == NO_YES:
            return scored.yes_columns(self.horizon)
        named = {NextStage.kind: "stage", NextEvent.kind: "event"}[scored.target.kind]
        columns = scored.class_columns(self.horizon, named)
        if isinstance(scored.target, NextStage):
            columns |= scored.move_columns(self.stage_current)
        return columns

    def _is_nested(self, column: str) -> bool:
        kinds = {scored.target.kind for scored in self.targets} | {MOVE, SPEND}
        return column.startswith((VECTOR, EVENT_VECTOR)) or (
            "_" in column and column.rsplit("_", 1)[0] in kinds and column[-2:-1].isdigit()
        )


MOVE = "move"
VECTOR = "stage_next_prob_"
EVENT_VECTOR = "event_next_prob_"


TEXTS = ("customer_id", "as_of", "last_event", "stage_current", "stage_since", "stage_next", "event_next")


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns a score table each column of which has the type that its name tells, whatever is in it."""
    return frame.astype({name: _column_type(name) for name in frame.columns})


def _column_type(name: str) -> str:
    if name in TEXTS or name.endswith(("_band", "_basis")):
        return "str"
    return "Int64" if name.endswith(("_percentile", "_decile", "_days")) else "float64"


def _where_asked(values: Sequence[Any], asked: Bools) -> list[Any]:
    return [value if ask else None for value, ask in zip(values, asked.tolist(), strict=True)]


def _iso_or_none(moment: int) -> str | None:
    return None if moment == UNKNOWN else to_iso(moment)

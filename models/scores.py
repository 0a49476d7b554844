"""The answer: what is predicted for each customer, in the same words in a file, a table and the API."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import Bools, Floats, Ints, Texts
from features.durations import whole_days
from features.encoded_log import NEVER_YET
from features.targets import NO_YES, NextEvent, NextStage, Target
from features.timestamps import to_iso
from models.ranking import NOWHERE, RANKS, TOLD, Rank, Ranking
from models.spend import SPEND, SpendScores

UNKNOWN = NEVER_YET
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
    rankings
        Where a probability of yes stands among all customers, one for each horizon; none of several classes.
    basis
        ``model``, or ``baseline`` where there was too little data for one.
    """

    target: Target
    classes: tuple[str, ...]
    probabilities: Floats
    is_asked: Bools
    median_days: Floats
    expected_days: Floats
    rankings: tuple[Ranking, ...] = ()
    basis: str = "model"

    def at(self, horizon: str) -> tuple[Floats, Bools]:
        """Returns the probabilities at one horizon, shape (rows, classes), and where they make sense."""
        place = self.target.horizons.index(horizon)
        return self.probabilities[:, place], self.is_asked[:, place]

    def columns(self, horizon: str, stage: Texts) -> dict[str, list[Any]]:
        """Returns the answer at one horizon, and on what basis it was given.

        Parameters
        ----------
        stage
            The name of each row's current stage.
        """
        answer = self._yes(horizon) if self.classes == NO_YES else self._best(horizon)
        if isinstance(self.target, NextStage):
            answer |= self._waits()
        return answer | {f"{self.target.kind}_basis": [self.basis] * len(stage)}

    def detail_columns(self, horizon: str, stage: Texts) -> dict[str, list[Any]]:
        """Returns what a record nests: the probability of yes and its rank at every horizon, or every class at one.

        Of the next stage also the probability to have moved by each horizon.
        """
        kind, horizons = self.target.kind, self.target.horizons
        if self.classes == NO_YES:
            every: dict[str, list[Any]] = {f"{kind}_{h}": self._chances(h) for h in horizons}
            for horizon in horizons:
                every |= self._rank_columns(horizon, f"{kind}_{horizon}")
            return every
        place = horizons.index(horizon)
        columns = {
            f"{NAMED[kind]}_next_prob_{name}": [row[place][code] for row in self._rows]
            for code, name in enumerate(self.classes)
        }
        if isinstance(self.target, NextStage):
            codes = [self.classes.index(name) for name in stage]
            for number, horizon in enumerate(horizons):
                columns[f"{MOVE}_{horizon}"] = [1.0 - row[number][c] for row, c in zip(self._rows, codes, strict=True)]
        return columns

    @cached_property
    def _rows(self) -> list[list[list[float]]]:
        """The probabilities as lists: a single row is told faster from them than from arrays."""
        rows: list[list[list[float]]] = self.probabilities.tolist()
        return rows

    def _chances(self, horizon: str) -> list[float | None]:
        """Returns the probability of yes at a horizon, None where it is not asked for."""
        place = self.target.horizons.index(horizon)
        return [
            row[place][1] if asks[place] else None for row, asks in zip(self._rows, self.is_asked.tolist(), strict=True)
        ]

    @cached_property
    def _places(self) -> list[list[int]]:
        """Where the rank of the probability of yes stands in ``RANKS``, by row and horizon.

        NumPy is faster for many rows, and slower for few.
        """
        if len(self.is_asked) > FEW:
            every = zip(self.rankings, self.probabilities[:, :, 1].T, strict=True)
            places = np.column_stack([ranking.percentiles(chances) - 1 for ranking, chances in every])
            found: list[list[int]] = np.where(self.is_asked, places, NOWHERE).tolist()
            return found
        return [
            [
                ranking.place(chances[1]) if ask else NOWHERE
                for ranking, chances, ask in zip(self.rankings, row, asks, strict=True)
            ]
            for row, asks in zip(self._rows, self.is_asked.tolist(), strict=True)
        ]

    def _rank_columns(self, horizon: str, named: str) -> dict[str, list[Any]]:
        """Returns percentile, decile and band at a horizon, in columns that begin with a name."""
        if not self.rankings:
            return {}
        place = self.target.horizons.index(horizon)
        ranks = [RANKS[row[place]] for row in self._places]
        return {f"{named}_{part}": [rank[field] for rank in ranks] for field, part in enumerate(Rank._fields)}

    def _yes(self, horizon: str) -> dict[str, list[Any]]:
        """Returns the probability of yes with its rank."""
        kind = self.target.kind
        return {f"{kind}_prob": self._chances(horizon), **self._rank_columns(horizon, kind)}

    def _best(self, horizon: str) -> dict[str, list[Any]]:
        """Returns the most probable class, of equals the first."""
        place, named = self.target.horizons.index(horizon), NAMED[self.target.kind]
        chances = [max(row[place]) for row in self._rows]
        codes = [row[place].index(best) for row, best in zip(self._rows, chances, strict=True)]
        return {f"{named}_next": [self.classes[code] for code in codes], f"{named}_next_prob": chances}

    def _waits(self) -> dict[str, list[Any]]:
        """Returns when the next move comes.

        The median is None where a move within the longest horizon is not as likely as not; in the expected wait who
        does not move counts with the longest horizon.
        """
        return {
            "days_to_move_median": [None if days != days else days for days in self.median_days.tolist()],
            "days_to_move_expected": self.expected_days.tolist(),
        }

    def nested_columns(self) -> dict[str, list[dict[str, Any]]]:
        """Returns for each row the answer by horizon: the probability of yes and its rank, or that of every class."""
        kind, horizons, rows = self.target.kind, self.target.horizons, self._rows
        if self.classes != NO_YES:
            vectors = [
                {h: dict(zip(self.classes, p, strict=True)) for h, p in zip(horizons, row, strict=True)} for row in rows
            ]
            return {kind: vectors}
        chances = [
            {h: p[1] if ask else None for h, p, ask in zip(horizons, row, asks, strict=True)}
            for row, asks in zip(rows, self.is_asked.tolist(), strict=True)
        ]
        if not self.rankings:
            return {kind: chances}
        ranks = [{h: TOLD[at] for h, at in zip(horizons, places, strict=True)} for places in self._places]
        return {kind: chances, f"{kind}_{RANK}": ranks}


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
        columns = self._main_columns()
        for scored in self.targets:
            columns |= scored.detail_columns(self.horizon, self.stage_current)
        return columns if self.spend is None else columns | self.spend.detail_columns()

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
        columns = self._main_columns()
        for scored in self.targets:
            columns |= scored.nested_columns()
        if self.spend is not None:
            columns[SPEND] = self.spend.nested()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _main_columns(self) -> dict[str, list[Any]]:
        rows = len(self)
        columns: dict[str, list[Any]] = {
            "customer_id": self.customer_id.tolist(),
            "as_of": _written(self.as_of.tolist()),
            "last_event": [_iso_or_none(moment) for moment in self.last_event.tolist()],
            "stage_current": self.stage_current.tolist(),
            "stage_since": [_iso_or_none(moment) for moment in self.stage_since.tolist()],
            "horizon_days": [whole_days(self.horizon)] * rows,
        }
        for scored in self.targets:
            columns |= scored.columns(self.horizon, self.stage_current)
        return columns if self.spend is None else columns | self.spend.columns(self.horizon)


VECTOR, EVENT_VECTOR = "stage_next_prob_", "event_next_prob_"
"""How the columns of the vectors begin."""
MOVE = "move"
"""What columns call leaving the present stage."""
FEW = 30
"""Rows that are ranked one by one."""
RANK = "rank"
"""How a record calls percentile, decile and band by horizon, after the name of the target."""

NAMED = {NextStage.kind: "stage", NextEvent.kind: "event"}
"""What columns call the targets with several classes."""


TEXTS = ("customer_id", "as_of", "last_event", "stage_current", "stage_since", "stage_next", "event_next")


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns a score table each column of which has the type that its name tells, whatever is in it."""
    return frame.astype({name: _column_type(name) for name in frame.columns})


def is_text(name: str) -> bool:
    """Says whether a column of a score table holds texts; the others hold numbers."""
    return name in TEXTS or name.endswith(("_band", "_basis"))


def _column_type(name: str) -> str:
    if is_text(name):
        return "str"
    return "Int64" if name.endswith(("_percentile", "_decile", "_days")) else "float64"


def _written(moments: list[int]) -> list[str]:
    """Returns moments, of which most are the same, as ISO 8601."""
    told = {moment: to_iso(moment) for moment in set(moments)}
    return [told[moment] for moment in moments]


def _iso_or_none(moment: int) -> str | None:
    return None if moment == UNKNOWN else to_iso(moment)

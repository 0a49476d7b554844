"""The answer: what is predicted for each customer, in the same words in a file, a table and the API."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import Bools, Floats, Ints, Texts
from features.durations import whole_days
from features.targets import NextStage, Target
from features.timestamps import to_iso

UNKNOWN = int(np.iinfo(np.int64).min)
"""Stands for a time that is not known."""


@dataclass(frozen=True, eq=False)
class TargetScores:
    """Calibrated probabilities of one target, shape (rows, classes), and where the question makes sense."""

    target: Target
    classes: tuple[str, ...]
    probabilities: Floats
    is_asked: Bools


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of customers at their cutoffs.

    Parameters
    ----------
    customer_id
        Shape (rows,).
    as_of
        Cutoffs in UTC microseconds, shape (rows,).
    stage_current
        Stage names, shape (rows,).
    stage_since
        When that stage was entered, UTC microseconds, shape (rows,); UNKNOWN before a customer's first event.
    last_event
        Time of the last event used, UTC microseconds, shape (rows,); UNKNOWN before a customer's first event.
    """

    customer_id: Texts
    as_of: Ints
    stage_current: Texts
    stage_since: Ints
    last_event: Ints
    targets: tuple[TargetScores, ...]

    def __len__(self) -> int:
        return len(self.customer_id)

    def columns(self) -> dict[str, list[Any]]:
        """Returns the flat columns of the score table; a probability that was not asked for is None.

        ``stage_next`` is the most probable entry of the next-stage vector; equal to ``stage_current`` it means staying.
        """
        columns: dict[str, list[Any]] = {
            "customer_id": self.customer_id.tolist(),
            "as_of": [to_iso(moment) for moment in self.as_of],
            "last_event": [_iso_or_none(moment) for moment in self.last_event],
            "stage_current": self.stage_current.tolist(),
            "stage_since": [_iso_or_none(moment) for moment in self.stage_since],
        }
        for scored in self.targets:
            columns |= _next_stage_columns(scored) if isinstance(scored.target, NextStage) else _binary_column(scored)
        return columns

    def frame(self) -> pd.DataFrame:
        """Returns the score table, one row per customer."""
        return pd.DataFrame(self.columns())

    def records(self) -> list[dict[str, Any]]:
        """Returns one plain record per row; the next-stage vector is nested by horizon and stage."""
        columns = {name: values for name, values in self.columns().items() if not name.startswith(VECTOR)}
        records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for scored in self.targets:
            if isinstance(scored.target, NextStage):
                for record, vector in zip(records, scored.probabilities.tolist(), strict=True):
                    record.setdefault("next_stage", {})[scored.target.horizon] = dict(
                        zip(scored.classes, vector, strict=True)
                    )
        return records


VECTOR = "stage_next_prob_"


def _next_stage_columns(scored: TargetScores) -> dict[str, list[Any]]:
    best = scored.probabilities.argmax(axis=1)
    names = np.asarray(scored.classes, dtype=object)
    vectors = {f"{VECTOR}{name}": scored.probabilities[:, code].tolist() for code, name in enumerate(scored.classes)}
    return {
        "stage_next": names[best].tolist(),
        "stage_next_prob": scored.probabilities[np.arange(len(best)), best].tolist(),
        "horizon_days": [whole_days(scored.target.horizon)] * len(best),
        **vectors,
    }


def _binary_column(scored: TargetScores) -> dict[str, list[Any]]:
    yes = scored.probabilities[:, 1].tolist()
    asked = scored.is_asked.tolist()
    return {f"{scored.target.kind}_prob": [p if ask else None for p, ask in zip(yes, asked, strict=True)]}


def _iso_or_none(moment: int) -> str | None:
    return None if moment == UNKNOWN else to_iso(moment)

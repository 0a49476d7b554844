"""Named rules over scores and stages; the customers for whom a rule holds are an audience."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from features.arrays import Bools
from features.errors import ConfigError, did_you_mean
from models.scores import VECTOR
from serving.formulas import defused
from serving.whole_file import written_whole

SCORE_ENDING = "_prob"


@dataclass(frozen=True)
class Segment:
    """The customers in one stage, heading for one stage, whose score is high enough; the best ones first.

    Parameters
    ----------
    score
        ``churn``, ``purchase`` or ``stage_next``: what is compared and sorted by.
    stage_current, stage_next
        Stage names; None takes every stage. ``stage_next`` is the most probable entry of the next-stage vector; without
        ``stage_current`` it takes those who move there, not those who stay.
    at_least
        The lowest probability that still belongs, in [0, 1]; customers without this score never do.
    top
        At most so many customers; None takes all.
    """

    name: str
    score: str
    stage_current: str | None = None
    stage_next: str | None = None
    at_least: float = 0.0
    top: int | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w .-]*", self.name):
            raise ConfigError(f"segment {self.name!r} is no file name; use letters, digits, '-', '_', '.' and spaces")
        if not 0.0 <= self.at_least <= 1.0:
            raise ConfigError(
                f"segment '{self.name}': at_least is {self.at_least}; give a probability from 0 to 1, like 0.5"
            )
        if self.top is not None and self.top < 1:
            raise ConfigError(f"segment '{self.name}': top is {self.top}; give a whole number from 1 or leave it out")

    def select(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Returns the audience among the rows of a score table, the highest score first and equal ones by id.

        Raises
        ------
        ConfigError
            If the table has no such score or stage.
        """
        column = self._column(frame)
        score = frame[column].to_numpy(dtype=np.float64)
        chosen: Bools = score >= self.at_least  # false for a missing score
        for place, stage in (("stage_current", self.stage_current), ("stage_next", self.stage_next)):
            if stage is not None:
                self._check_stage(frame, stage)
                chosen &= (frame[place] == stage).to_numpy(dtype=bool)
        if self.stage_next is not None and self.stage_current is None:
            chosen &= (frame["stage_current"] != frame["stage_next"]).to_numpy(dtype=bool)  # staying is no move
        audience = frame[chosen].sort_values([column, "customer_id"], ascending=[False, True], kind="stable")
        plain = [name for name in frame.columns if not name.startswith(VECTOR)]
        return audience[plain].head(len(audience) if self.top is None else self.top).reset_index(drop=True)

    def _column(self, frame: pd.DataFrame) -> str:
        scores = [name.removesuffix(SCORE_ENDING) for name in frame.columns if name.endswith(SCORE_ENDING)]
        if self.score not in scores:
            raise ConfigError(f"segment '{self.name}': no score '{self.score}'; {did_you_mean(self.score, scores)}")
        return f"{self.score}{SCORE_ENDING}"

    def _check_stage(self, frame: pd.DataFrame, stage: str) -> None:
        stages = [name.removeprefix(VECTOR) for name in frame.columns if name.startswith(VECTOR)]
        if stage not in stages:
            raise ConfigError(f"segment '{self.name}': no stage '{stage}'; {did_you_mean(stage, stages)}")


def write_audience(frame: pd.DataFrame, path: Path) -> None:
    """Writes an audience as UTF-8 CSV, as a whole or not at all.

    A text that a spreadsheet would run as a formula gets an apostrophe in front: ids and stages come from outside.
    """
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    safe = frame.assign(**{name: [_safe(cell) for cell in frame[name]] for name in texts})
    with written_whole(path) as unfinished:
        safe.to_csv(unfinished, index=False, encoding="utf-8")


def _safe(cell: object) -> object:
    return defused(cell) if isinstance(cell, str) else cell

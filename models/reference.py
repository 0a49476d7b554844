"""What scores and features looked like where the model was made: what the present is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.targets import NO_YES, NextStage
from models.scores import MOVE
from models.stability import Distribution
from models.target_model import TargetModel


@dataclass(frozen=True)
class Reference:
    """Distributions among the customers known at one cutoff.

    Parameters
    ----------
    cutoff
        UTC microseconds.
    features
        By the name of the column.
    scores
        By the name of the score table's column.
    """

    cutoff: int
    rows: int
    features: Mapping[str, Distribution]
    scores: Mapping[str, Distribution]

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        parts = {"features": self.features, "scores": self.scores}
        named = {part: {name: each.to_dict() for name, each in given.items()} for part, given in parts.items()}
        return {"cutoff": self.cutoff, "rows": self.rows, **named}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Reference":
        """Returns the reference of plain data."""
        parts = [
            {name: Distribution.from_dict(each) for name, each in data[part].items()} for part in ("features", "scores")
        ]
        return cls(data["cutoff"], data["rows"], *parts)


def score_values(
    models: Sequence[TargetModel], probabilities: Mapping[str, Floats], asked: Mapping[str, Bools], stage: Ints
) -> dict[str, Floats]:
    """Returns the columns of the score table in which a target has one number per horizon.

    Parameters
    ----------
    probabilities
        By the kind of the target, shapes (rows, horizons, classes).
    asked
        Where the question makes sense, by the kind of the target, shapes (rows, horizons).
    stage
        Codes of the stages at the cutoff, shape (rows,).
    """
    columns: dict[str, Floats] = {}
    rows = np.arange(len(stage))
    for model in models:
        kind, given = model.target.kind, probabilities[model.target.kind]
        for place, horizon in enumerate(model.target.horizons):
            if model.classes == NO_YES:
                columns[f"{kind}_{horizon}"] = given[asked[kind][:, place], place, 1]
            elif kind == NextStage.kind:
                columns[f"{MOVE}_{horizon}"] = 1.0 - given[rows, place, stage]
    return columns

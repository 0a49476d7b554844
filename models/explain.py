"""Reasons: which features of a customer raise or lower a score, and what they say in plain words."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Floats, Ints, Singles
from features.errors import PredictorError, did_you_mean
from features.featureset import FeatureSet
from features.journey import Journey
from features.sentences import describe
from features.wording import Wording
from models.predictor import Predictor, TargetModel
from models.trees import Trees
from models.treeshap import TreeShap

RAISES, LOWERS = "raises", "lowers"
BINARY = 2


@dataclass(frozen=True)
class Reason:
    """One feature's part in a score.

    Parameters
    ----------
    value
        The feature's value; None where it is missing.
    contribution
        What it adds to the raw score: log-odds before calibration of a target with two classes, else the class's score
        under the softmax.
    direction
        ``raises`` or ``lowers``.
    words
        The value in plain words.
    """

    feature: str
    value: float | None
    contribution: float
    direction: str
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Returns the reason as plain data."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class TargetExplainer:
    """The reasons of one target; everything that depends on the model only is worked out once per class.

    Parameters
    ----------
    columns, wordings
        One for each feature.
    shaps
        One for each raw score: a target with two classes has one, that of its second class.
    """

    columns: tuple[str, ...]
    wordings: tuple[Wording, ...]
    shaps: tuple[TreeShap, ...]

    @classmethod
    def of(cls, model: TargetModel, feature_set: FeatureSet, journey: Journey) -> "TargetExplainer":
        """Returns the explainer of a fitted target.

        Raises
        ------
        PredictorError
            If its trees are of a kind that cannot be explained.
        """
        trees = Trees.from_text(model.classifier.to_text())
        shaps = tuple(TreeShap.of(trees, code) for code in range(trees.n_classes))
        return cls(feature_set.columns, describe(feature_set, journey), shaps)

    def contributions(self, X: Singles, code: int) -> Floats:
        """Returns what each feature adds to the raw score of one class and last the expected value.

        Parameters
        ----------
        X
            Features, shape (rows, features).
        code
            The class; of two classes the first has the second's contributions with the sign turned.

        Returns
        -------
        contributions
            Shape (rows, features + 1); a row sums to the raw score.
        """
        if len(self.shaps) > 1:
            return self.shaps[code].contributions(X)
        moved = self.shaps[0].contributions(X)
        return moved if code == BINARY - 1 else -moved

    def reasons(self, X: Singles, codes: Ints, most: int = 3) -> list[tuple[Reason, ...]]:
        """Returns each row's features that move the score of its class ``codes[row]`` most, the strongest first.

        A feature that moves nothing is no reason; among equals the first column comes first.
        """
        found: list[tuple[Reason, ...]] = [()] * len(X)
        for code in np.unique(codes).tolist():
            rows = np.flatnonzero(codes == code)
            moved = self.contributions(X[rows], code)[:, :-1]
            order = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :most]
            for row, own, best in zip(rows.tolist(), moved, order.tolist(), strict=True):
                found[row] = tuple(self._reason(X[row], column, float(own[column])) for column in best if own[column])
        return found

    def _reason(self, row: Singles, column: int, contribution: float) -> Reason:
        value = float(row[column])
        return Reason(
            feature=self.columns[column],
            value=None if math.isnan(value) else value,
            contribution=contribution,
            direction=RAISES if contribution > 0 else LOWERS,
            words=self.wordings[column].say(row, column),
        )


@dataclass(frozen=True, eq=False)
class Explainer:
    """The reasons of every target of a predictor, by the target's name."""

    targets: dict[str, TargetExplainer]

    @classmethod
    def of(cls, predictor: Predictor) -> "Explainer":
        """Returns the explainer of a predictor, compiled; do this once, when the predictor is loaded."""
        feature_set, journey = predictor.feature_set, predictor.journey
        targets = {model.target.name: TargetExplainer.of(model, feature_set, journey) for model in predictor.models}
        for target in targets.values():  # no request shall wait for the compiler
            target.contributions(np.zeros((0, len(target.columns)), dtype=np.float32), 0)
        return cls(targets)

    def __getitem__(self, target: str) -> TargetExplainer:
        if target not in self.targets:
            raise PredictorError(
                f"target '{target}' is not among the predictor's; {did_you_mean(target, self.targets)}"
            )
        return self.targets[target]

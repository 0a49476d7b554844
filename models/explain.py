"""Reasons: which features of a customer raise or lower a score, and what they say in plain words."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from features.arrays import Floats, Ints, Singles
from features.errors import PredictorError, did_you_mean
from features.languages.messages import ENGLISH
from features.sentences import describe
from features.targets import NO_YES, Target
from features.wording import Wording
from models.predictor import Predictor
from models.scores import Scores
from models.target_model import MODEL, TargetModel
from models.trees import Trees
from models.treeshap import TreeShap

RAISES, LOWERS = "raises", "lowers"
MOST_REASONS = 3

Wordings = Callable[[str], tuple[Wording, ...]]
"""What each feature says in a language."""


def wordings_of(predictor: Predictor) -> Wordings:
    """Returns what each feature of a predictor says, worked out once per language."""
    return cache(partial(describe, predictor.feature_set, predictor.journey))


@dataclass(frozen=True)
class Reason:
    """One feature's part in a score.

    Parameters
    ----------
    value
        The feature's value; None where it is missing.
    contribution
        What it adds to the raw score of the hazard: log-odds before calibration where there is one cause, else the
        outcome's score under the softmax.
    direction
        ``raises`` or ``lowers``.
    words
        The value in plain words, of the language that was asked for.
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
    """The reasons of one target; everything that depends on the model only is worked out once per outcome.

    What is explained is the hazard in the bin in the middle of the main horizon.

    Parameters
    ----------
    bin
        That bin.
    columns
        The features.
    wordings
        Returns one for each of them in a language.
    shaps
        One for each raw score: with one cause there is one, that of the cause.
    """

    target: Target
    bin: int
    columns: tuple[str, ...]
    wordings: Wordings
    shaps: tuple[TreeShap, ...]

    @classmethod
    def of(cls, model: TargetModel, predictor: Predictor, wordings: Wordings) -> "TargetExplainer":
        """Returns the explainer of a fitted target.

        Raises
        ------
        PredictorError
            If its trees are of a kind that cannot be explained.
        """
        trees = Trees.from_text(model.boosted.classifier.to_text())
        shaps = tuple(TreeShap.of(trees, outcome) for outcome in range(trees.n_classes))
        middle = model.hazards.bins.within(predictor.horizon) // 2
        return cls(model.target, middle, predictor.feature_set.columns, wordings, shaps)

    def contributions(self, X: Singles, outcome: int) -> Floats:
        """Returns what each feature, then the bin adds to the raw score of one outcome, and last the expected value.

        Parameters
        ----------
        X
            Features, shape (rows, features).
        outcome
            0 for nothing, else 1 + a cause; with one cause nothing has its contributions with the sign turned.

        Returns
        -------
        contributions
            Shape (rows, features + 2); a row sums to the raw score.
        """
        asked = np.column_stack([X, np.full(len(X), self.bin, dtype=np.float32)])
        if len(self.shaps) > 1:
            return self.shaps[outcome].contributions(asked)
        moved = self.shaps[0].contributions(asked)
        return moved if outcome else -moved

    def reasons(
        self, X: Singles, codes: Ints, stage: Ints, most: int = MOST_REASONS, language: str = ENGLISH
    ) -> list[tuple[Reason, ...]]:
        """Returns each row's features that move the score of its class ``codes[row]`` most, the strongest first.

        A feature that moves nothing is no reason; among equals the first column comes first.

        Parameters
        ----------
        stage
            The stage at each row's cutoff: of the next stage, the present one stands for staying.
        """
        found: list[tuple[Reason, ...]] = [()] * len(X)
        outcomes, wordings = self.target.outcomes(codes, stage), self.wordings(language)
        for outcome in np.unique(outcomes).tolist():
            rows = np.flatnonzero(outcomes == outcome)
            moved = self.contributions(X[rows], outcome)[:, :-2]
            order = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, :most]
            for row, own, best in zip(rows.tolist(), moved, order.tolist(), strict=True):
                found[row] = tuple(
                    self._reason(X[row], column, float(own[column]), wordings) for column in best if own[column]
                )
        return found

    def _reason(self, row: Singles, column: int, contribution: float, wordings: tuple[Wording, ...]) -> Reason:
        value = float(row[column])
        return Reason(
            feature=self.columns[column],
            value=None if math.isnan(value) else value,
            contribution=contribution,
            direction=RAISES if contribution > 0 else LOWERS,
            words=wordings[column].say(row, column),
        )


@dataclass(frozen=True, eq=False)
class Explainer:
    """The reasons of every target of a predictor, by the target's name."""

    targets: dict[str, TargetExplainer]
    stage_names: tuple[str, ...]

    @classmethod
    def of(cls, predictor: Predictor) -> "Explainer":
        """Returns the explainer of a predictor, compiled; do this once, when the predictor is loaded."""
        wordings = wordings_of(predictor)
        targets = {
            model.target.kind: TargetExplainer.of(model, predictor, wordings)
            for model in predictor.models
            if model.basis == MODEL
        }
        wordings(ENGLISH)
        for target in targets.values():  # no request shall wait for the compiler
            target.contributions(np.zeros((0, len(target.columns)), dtype=np.float32), 0)
        return cls(targets, predictor.journey.stage_names)

    def explain(
        self, scores: Scores, X: Singles, most: int = MOST_REASONS, language: str = ENGLISH
    ) -> list[dict[str, list[Reason]]]:
        """Returns for each row and target why the score is what it is, the strongest reason first.

        Of yes and no the yes is explained, of more classes the most probable at the main horizon; a question that was
        not asked has no reasons.

        Parameters
        ----------
        X
            The features that the scores were made of.
        """
        found: list[dict[str, list[Reason]]] = [{} for _ in range(len(scores))]
        for scored in (each for each in scores.targets if each.basis == MODEL):
            probabilities, asked = scored.at(scores.horizon)
            codes = np.ones(len(X), dtype=np.int64) if scored.classes == NO_YES else probabilities.argmax(axis=1)
            stage = scores.stage_codes(self.stage_names)
            rows = np.flatnonzero(asked)
            reasons = self[scored.target.kind].reasons(X[rows], codes[rows], stage[rows], most, language)
            for row, own in zip(rows.tolist(), reasons, strict=True):
                found[row][scored.target.kind] = list(own)
        return found

    def __getitem__(self, target: str) -> TargetExplainer:
        if target not in self.targets:
            raise PredictorError(
                f"target '{target}' is not among the predictor's; {did_you_mean(target, self.targets)}"
            )
        return self.targets[target]

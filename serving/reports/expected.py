"""What is predicted of the customers of a scoring run, as the plain arrays that every panel is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.journey import Journey
from features.targets import Churn, NextStage, Purchase
from models.scores import Scores


@dataclass(frozen=True, eq=False)
class Expected:
    """Scores in the order of their customers.

    Parameters
    ----------
    horizon
        The main one.
    stage
        Codes of the present stages, shape (customers,).
    vectors
        The next-stage vectors, shape (customers, horizons, stages).
    yes
        The probability of yes at the main horizon by the kind of target, NaN where it is not asked, shapes
        (customers,).
    spend
        What is expected to be spent within the main horizon, shape (customers,); None where it is not predicted.
    """

    horizon: str
    horizons: tuple[str, ...]
    stage: Ints
    vectors: Floats
    yes: dict[str, Floats]
    spend: Floats | None

    @classmethod
    def of(cls, scores: Scores, journey: Journey) -> "Expected":
        """Returns what the scores of a run say."""
        moves = next(scored for scored in scores.targets if scored.target.kind == NextStage.kind)
        yes = {}
        for scored in scores.targets:
            if scored.target.kind in (Churn.kind, Purchase.kind):
                probabilities, asked = scored.at(scores.horizon)
                yes[scored.target.kind] = np.where(asked, probabilities[:, 1], np.nan)
        spend = scores.spend
        return cls(
            horizon=scores.horizon,
            horizons=tuple(moves.target.horizons),
            stage=scores.stage_codes(journey.stage_names),
            vectors=moves.probabilities,
            yes=yes,
            spend=None if spend is None else spend.expected[:, spend.horizons.index(scores.horizon)],
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Expected"]) -> "Expected":
        """Returns what is predicted of the customers of several blocks by one predictor."""
        first = parts[0]
        spends = [part.spend for part in parts if part.spend is not None]
        return cls(
            horizon=first.horizon,
            horizons=first.horizons,
            stage=np.concatenate([part.stage for part in parts]),
            vectors=np.concatenate([part.vectors for part in parts]),
            yes={kind: np.concatenate([part.yes[kind] for part in parts]) for kind in first.yes},
            spend=np.concatenate(spends) if spends else None,
        )

    def take(self, chosen: Bools) -> "Expected":
        """Returns what is predicted of some customers."""
        yes = {kind: own[chosen] for kind, own in self.yes.items()}
        spend = None if self.spend is None else self.spend[chosen]
        return Expected(self.horizon, self.horizons, self.stage[chosen], self.vectors[chosen], yes, spend)

    def flows(self, horizon: str) -> Floats:
        """Returns how many customers of each stage are expected to enter each other first, or to stay.

        Shape (stages, stages): the present stage by the next one; a row sums to the customers of its stage.
        """
        vectors = self.vectors[:, self.horizons.index(horizon)]
        found = np.zeros((vectors.shape[1], vectors.shape[1]))
        np.add.at(found, self.stage, vectors)
        return found

    def moving(self) -> Floats:
        """Returns the probability that each customer leaves the present stage within the main horizon."""
        vectors = self.vectors[:, self.horizons.index(self.horizon)]
        return 1.0 - vectors[np.arange(len(self.stage)), self.stage]

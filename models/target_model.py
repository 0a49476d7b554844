"""One target: the hazards of what comes first, and what they say of each class by each horizon."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.arrays import Floats, Ints, Singles
from features.errors import PredictorError
from features.journey import Journey
from features.targets import Target, target_from_dict
from models.calibration import calibrator_from_dict
from models.classifier import BoostedClassifier
from models.hazards import Bins, Forecast, HazardModel
from models.ranking import Ranking
from models.stage_hazards import StageHazards

MODEL, BASELINE = "model", "baseline"


@dataclass(frozen=True, eq=False)
class TargetModel:
    """One target, the hazards of what comes first, and how its probabilities of yes are ranked.

    Parameters
    ----------
    rankings
        One for each horizon of the target; none for a target with several classes.
    """

    target: Target
    classes: tuple[str, ...]
    hazards: HazardModel | StageHazards
    rankings: tuple[Ranking, ...] = ()

    @property
    def basis(self) -> str:
        """``model``, or ``baseline`` where there was too little data for one."""
        return MODEL if isinstance(self.hazards, HazardModel) else BASELINE

    def forecast(self, X: Singles, stage: Ints) -> Forecast:
        """Returns what comes first by the end of each bin, given the stages at the cutoff, shape (rows,)."""
        return self.hazards.forecast(X, stage, self.target.impossible(stage))

    def probabilities(self, forecast: Forecast, stage: Ints) -> Floats:
        """Returns the calibrated probability of each class by each horizon, shape (rows, horizons, classes)."""
        return self.target.distribution(forecast.survival[:, self._ends], forecast.incidence[:, self._ends], stage)

    @cached_property
    def _ends(self) -> Ints:
        """The last bin of each horizon."""
        return np.array([self.hazards.bins.within(horizon) - 1 for horizon in self.target.horizons])

    def predict_proba(self, X: Singles, stage: Ints) -> Floats:
        """Returns the calibrated probability of each class by each horizon, shape (rows, horizons, classes)."""
        return self.probabilities(self.forecast(X, stage), stage)

    @property
    def boosted(self) -> HazardModel:
        """The hazards of the boosted trees.

        Raises
        ------
        PredictorError
            If there was too little data for them.
        """
        if not isinstance(self.hazards, HazardModel):
            raise PredictorError(f"'{self.target.kind}' is answered by a baseline and has no trees; bring more data")
        return self.hazards

    def to_text(self) -> str:
        """Returns the trees in LightGBM's text format."""
        return self.boosted.classifier.to_text()

    def to_dict(self) -> dict[str, Any]:
        """Returns everything but the trees as plain data."""
        own = self.hazards
        told = own.calibrator.to_dict() if isinstance(own, HazardModel) else own.to_dict()
        return {
            "target": self.target.to_dict(),
            "basis": self.basis,
            "calibrator" if self.basis == MODEL else "stage_hazards": told,
            "rankings": {
                horizon: list(ranking.thresholds)
                for horizon, ranking in zip(self.target.horizons, self.rankings, strict=False)
            },
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], journey: Journey, text: str | None = None) -> "TargetModel":
        """Returns the model of plain data and the text of its trees, if it has some; nothing in it is executed."""
        target = target_from_dict(data["target"])
        bins = Bins.up_to(target.horizons)
        hazards: HazardModel | StageHazards
        if text is None:
            hazards = StageHazards.from_dict(bins, data["stage_hazards"])
        else:
            classifier = BoostedClassifier.from_text(text, 1 + len(target.causes(journey)))
            hazards = HazardModel(bins, classifier, calibrator_from_dict(data["calibrator"]))
        known = data["rankings"]
        rankings = tuple(Ranking(tuple(known[horizon])) for horizon in target.horizons) if known else ()
        return cls(target, target.classes(journey), hazards, rankings)

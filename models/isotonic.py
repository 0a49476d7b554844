"""Isotonic calibration: a rising curve per class, of any shape that the answers ask for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from sklearn.isotonic import IsotonicRegression

from features.arrays import Floats, Ints
from models.temperature import SMALLEST


@dataclass(frozen=True)
class Curve:
    """A piecewise linear, never falling map of predicted to actual shares; beyond its ends it is level."""

    predicted: tuple[float, ...]
    actual: tuple[float, ...]

    @classmethod
    def fit(cls, predicted: Floats, actual: Floats) -> "Curve":
        """Returns the curve of least squares, by pooling adjacent violators.

        One row with the overall share as its answer is added at either end: it keeps a run of rows that all gave the
        same answer off 0 and 1, by about as much as a run of that length leaves open.
        """
        share = (actual.sum() + 0.5) / (len(actual) + 1.0)
        x = np.concatenate([[predicted.min(), predicted.max()], predicted])
        regression = IsotonicRegression().fit(x, np.concatenate([[share, share], actual]))
        height = np.clip(regression.y_thresholds_, SMALLEST, 1.0 - SMALLEST)
        return cls(tuple(regression.X_thresholds_.tolist()), tuple(height.tolist()))

    def at(self, predicted: Floats) -> Floats:
        """Returns the actual share for each prediction."""
        x, height = self._points
        return np.interp(predicted, x, height)

    @cached_property
    def _points(self) -> tuple[Floats, Floats]:
        return np.asarray(self.predicted), np.asarray(self.actual)


@dataclass(frozen=True)
class Isotonic:
    """Maps each class's probability along its own curve, then divides by the sum; two classes share one curve.

    Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", KDD 2002. It
    follows any rising shape, needs more rows than temperature scaling does, and makes ties among scores.
    """

    kind: ClassVar[str] = "isotonic"

    curves: tuple[Curve, ...]

    @classmethod
    def fit(cls, probabilities: Floats, y: Ints) -> "Isotonic":
        """Returns the calibrator of least squares.

        Parameters
        ----------
        probabilities
            Shape (rows, classes), from a model that did not see these rows.
        y
            Class codes, shape (rows,).
        """
        n_classes = probabilities.shape[1]
        codes = range(1, 2) if n_classes == 2 else range(n_classes)
        return cls(tuple(Curve.fit(probabilities[:, code], (y == code).astype(np.float64)) for code in codes))

    def apply(self, probabilities: Floats) -> Floats:
        """Returns calibrated probabilities of the same shape; a row sums to one and does not depend on others."""
        if len(self.curves) == 1:
            yes = self.curves[0].at(probabilities[:, 1])
            return np.column_stack([1.0 - yes, yes])
        columns = [curve.at(probabilities[:, code]) for code, curve in enumerate(self.curves)]
        total = np.zeros(len(probabilities))
        for column in columns:  # one order of addition, whatever the number of rows
            total += column
        return np.column_stack([column / total for column in columns])

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal calibrator."""
        curves = [{"predicted": list(curve.predicted), "actual": list(curve.actual)} for curve in self.curves]
        return {"kind": self.kind, "curves": curves}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Isotonic":
        """Returns the calibrator of plain data."""
        return cls(tuple(Curve(_floats(curve["predicted"]), _floats(curve["actual"])) for curve in data["curves"]))


def _floats(values: list[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)

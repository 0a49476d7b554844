"""Turns scores into probabilities: temperature scaling with a bias per class, fitted on a later period."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from features.arrays import Floats, Ints

SMALLEST = 1e-7


@dataclass(frozen=True)
class Calibrator:
    """Maps probabilities p to ``softmax(slope * log p + bias)``; with two classes that is Platt scaling.

    Bias-corrected temperature scaling, Alexandari, Kundaje and Shrikumar, "Maximum Likelihood with Bias-Corrected
    Calibration is Hard-To-Beat at Label Shift Adaptation", ICML 2020, section 3.
    """

    slope: float
    bias: tuple[float, ...]

    @classmethod
    def identity(cls, n_classes: int) -> "Calibrator":
        """Returns the calibrator that changes nothing."""
        return cls(1.0, (0.0,) * n_classes)

    @classmethod
    def fit(cls, probabilities: Floats, y: Ints) -> "Calibrator":
        """Returns the calibrator that minimises the log loss of ``y``; a weak ridge holds classes that hardly occur.

        Parameters
        ----------
        probabilities
            Shape (rows, classes), from a model that did not see these rows.
        y
            Class codes, shape (rows,).
        """
        n_classes = probabilities.shape[1]
        logits = np.log(np.clip(probabilities, SMALLEST, 1.0))
        outcome = np.eye(n_classes)[y]

        def loss(parameters: Floats) -> tuple[float, Floats]:
            slope, bias = parameters[0], parameters[1:]
            fitted = _softmax(slope * logits + bias)
            error = (fitted - outcome) / len(y)
            ridge = (np.sum(bias**2) + (slope - 1.0) ** 2) / len(y)
            value = -np.mean(np.log(np.clip(fitted[np.arange(len(y)), y], 1e-300, 1.0))) + ridge
            gradient = np.concatenate([[np.sum(error * logits)], error.sum(axis=0)])
            gradient[0] += 2 * (slope - 1.0) / len(y)
            gradient[1:] += 2 * bias / len(y)
            return float(value), gradient

        start = np.concatenate([[1.0], np.zeros(n_classes)])
        best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.05, 20.0), *[(-10.0, 10.0)] * n_classes]).x
        return cls(float(best[0]), tuple(float(bias) for bias in best[1:]))

    def apply(self, probabilities: Floats) -> Floats:
        """Returns calibrated probabilities of the same shape; a row sums to one and does not depend on others."""
        logits = np.log(np.clip(probabilities, SMALLEST, 1.0))
        return _softmax(self.slope * logits + np.asarray(self.bias))

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal calibrator."""
        return {"slope": self.slope, "bias": list(self.bias)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Calibrator":
        """Returns the calibrator of plain data."""
        return cls(float(data["slope"]), tuple(float(bias) for bias in data["bias"]))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    total = np.zeros(len(raised))
    for column in range(raised.shape[1]):  # one order of addition, whatever the number of rows
        total += raised[:, column]
    probabilities: Floats = raised / total[:, None]
    return probabilities

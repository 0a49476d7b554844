"""Temperature scaling, with and without a bias per class: a handful of numbers between scores and probabilities."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.optimize import minimize

from features.arrays import Floats, Ints
from models.softmax import softmax

SMALLEST = 1e-7
"""Probabilities are held this far from zero before their logarithm is taken."""

SLOPES, BIASES = (0.05, 20.0), (-10.0, 10.0)


@dataclass(frozen=True)
class Temperature:
    """Maps probabilities p to ``softmax(slope * log p)``: sharper above a slope of one, flatter below.

    Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, equation 9, where the
    slope is one over the temperature.
    """

    kind: ClassVar[str] = "temperature"

    slope: float

    @classmethod
    def fit(cls, probabilities: Floats, y: Ints) -> "Temperature":
        """Returns the slope that minimises the log loss of ``y``; see BiasCorrectedTemperature.fit."""
        slope, _ = _most_likely(probabilities, y, with_bias=False)
        return cls(slope)

    def apply(self, probabilities: Floats) -> Floats:
        """Returns calibrated probabilities of the same shape; a row sums to one and does not depend on others."""
        return softmax(self.slope * _logarithms(probabilities))

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal calibrator."""
        return {"kind": self.kind, "slope": self.slope}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Temperature":
        """Returns the calibrator of plain data."""
        return cls(float(data["slope"]))


@dataclass(frozen=True)
class BiasCorrectedTemperature:
    """Maps probabilities p to ``softmax(slope * log p + bias)``; with two classes that is Platt scaling.

    Alexandari, Kundaje and Shrikumar, "Maximum Likelihood with Bias-Corrected Calibration is Hard-To-Beat at Label
    Shift Adaptation", ICML 2020, section 3.
    """

    kind: ClassVar[str] = "bias_corrected_temperature"

    slope: float
    bias: tuple[float, ...]

    @classmethod
    def fit(cls, probabilities: Floats, y: Ints) -> "BiasCorrectedTemperature":
        """Returns the calibrator that minimises the log loss of ``y``; a weak ridge holds classes that hardly occur.

        Parameters
        ----------
        probabilities
            Shape (rows, classes), from a model that did not see these rows.
        y
            Class codes, shape (rows,).
        """
        return cls(*_most_likely(probabilities, y, with_bias=True))

    def apply(self, probabilities: Floats) -> Floats:
        """Returns calibrated probabilities of the same shape; a row sums to one and does not depend on others."""
        return softmax(self.slope * _logarithms(probabilities) + np.asarray(self.bias))

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal calibrator."""
        return {"kind": self.kind, "slope": self.slope, "bias": list(self.bias)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "BiasCorrectedTemperature":
        """Returns the calibrator of plain data."""
        return cls(float(data["slope"]), tuple(float(bias) for bias in data["bias"]))


def _most_likely(probabilities: Floats, y: Ints, *, with_bias: bool) -> tuple[float, tuple[float, ...]]:
    """Returns slope and biases of the lowest log loss plus ridge; without bias all of them are zero."""
    logits = np.ascontiguousarray(_logarithms(probabilities).T)  # a class is one run of memory
    n_classes, rows = logits.shape
    happened = (y, np.arange(rows))
    unit = _units(probabilities, logits)

    def loss(steps: Floats) -> tuple[float, Floats]:
        slope, bias = steps[0] * unit[0], steps[1:] * unit[1:]
        raised = slope * logits + bias[:, None]
        raised -= raised.max(axis=0)
        value = -raised[happened].sum()
        error = np.exp(raised, out=raised)
        total = error.sum(axis=0)
        value += np.log(total).sum() + np.sum(bias**2) + (slope - 1.0) ** 2
        error /= total
        error[happened] -= 1.0
        gradient = np.concatenate([[np.sum(error * logits) + 2 * (slope - 1.0)], error.sum(axis=1) + 2 * bias])
        return float(value) / rows, gradient * unit / rows

    bounds = np.array([SLOPES, *[BIASES if with_bias else (0.0, 0.0)] * n_classes]) / unit[:, None]
    start = np.concatenate([[1.0 / unit[0]], np.zeros(n_classes)])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x * unit
    return float(best[0]), tuple(float(bias) for bias in best[1:])


def _units(probabilities: Floats, logits: Floats) -> Floats:
    """Returns how far slope and biases move the loss about equally: in them the search takes fewer steps.

    One over the root of the curvature at the start, shape (1 + classes,).
    """
    weight = probabilities.T
    share, centre = probabilities.mean(axis=0), np.sum(weight * logits, axis=0)
    slope = np.mean(np.sum(weight * logits**2, axis=0) - centre**2)
    return np.asarray(1.0 / np.sqrt(np.maximum([slope, *share * (1.0 - share)], 1e-6)))


def _logarithms(probabilities: Floats) -> Floats:
    logarithms: Floats = np.log(np.clip(probabilities, SMALLEST, 1.0))
    return logarithms

"""How much calibration error chance alone makes."""

import numpy as np

from features.arrays import Floats
from models.metrics import confidence

ENOUGH_CALIBRATED = 0.02
TIMES_CHANCE = 2.0


def is_calibrated(error: float, by_chance: float) -> bool:
    """Says whether a calibration error is small, or hardly more than chance makes."""
    return error <= max(ENOUGH_CALIBRATED, TIMES_CHANCE * by_chance)


def expected_by_chance(probabilities: Floats, seed: int, draws: int = 200, bins: int = 10) -> float:
    """Returns the mean expected calibration error of answers that follow the probabilities exactly.

    A perfectly calibrated model shows this much on as many rows; an error of about its size says nothing against
    calibration. Answers are drawn row by row as if independent. Where several rows of a customer move together, chance
    makes more, so this is the least that it makes. Consistency resampling: Bröcker and Smith, "Increasing the
    Reliability of Reliability Diagrams", Weather and Forecasting 22, 2007.

    Parameters
    ----------
    probabilities
        Shape (rows, classes).
    seed
        Draws the answers.
    """
    predicted = np.sort(confidence(probabilities))
    sizes = np.array([len(part) for part in np.array_split(predicted, min(bins, len(predicted)))])
    starts = np.cumsum(sizes) - sizes
    expected = np.add.reduceat(predicted, starts)
    rng = np.random.default_rng(seed)
    total = 0.0
    for _ in range(draws):
        happened = np.add.reduceat((rng.random(len(predicted)) < predicted).astype(np.int64), starts)
        total += float(np.abs(happened - expected).sum()) / len(predicted)
    return total / draws

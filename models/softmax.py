"""Scores of several classes as probabilities, the same bits for a row alone and among others."""

import numpy as np

from features.arrays import Floats


def softmax(scores: Floats) -> Floats:
    """Returns the probabilities of scores of shape (rows, classes); a row sums to one and depends on no other."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    total = np.zeros(len(raised))
    for column in range(raised.shape[1]):  # one order of addition, whatever the number of rows
        total += raised[:, column]
    probabilities: Floats = raised / total[:, None]
    return probabilities

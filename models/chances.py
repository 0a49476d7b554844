"""Raw scores become hazards, compiled: row by row, so the same bits alone and among others."""

import math

from features.arrays import Floats
from features.kernel.compiling import compiled, inner


@compiled
def write_hazards(raw: Floats, slope: float, bias: Floats, smallest: float, hazards: Floats) -> None:
    """Writes the probability of each outcome, from raw scores of shape (rows, bins, scores).

    With one score it is that of the second of two outcomes. A ``slope`` above zero calibrates: the probabilities become
    ``softmax(slope * log p + bias)``, with p held ``smallest`` from zero.
    """
    outcomes = hazards.shape[2]
    for row in range(raw.shape[0]):
        for place in range(raw.shape[1]):
            own = hazards[row, place]
            if raw.shape[2] == 1:
                own[1] = 1.0 / (1.0 + math.exp(-raw[row, place, 0]))
                own[0] = 1.0 - own[1]
            else:
                for outcome in range(outcomes):
                    own[outcome] = raw[row, place, outcome]
                _softmax(own)
            if slope > 0.0:
                for outcome in range(outcomes):
                    own[outcome] = slope * math.log(min(max(own[outcome], smallest), 1.0)) + bias[outcome]
                _softmax(own)


@inner
def _softmax(scores: Floats) -> None:
    greatest = -math.inf
    for score in scores:
        greatest = max(greatest, score)
    total = 0.0
    for place in range(len(scores)):
        scores[place] = math.exp(scores[place] - greatest)
        total += scores[place]
    for place in range(len(scores)):
        scores[place] /= total

"""Hazards by the current stage alone: what is answered, and labelled so, while there is too little data for a model."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import Floats, Ints, Singles
from models.hazards import Bins, Forecast, PersonPeriods, multiply_up, without_impossible

WEIGHT = 20.0
"""How many rows of a stage count as much as all stages together."""


@dataclass(frozen=True, eq=False)
class StageHazards:
    """A Markov chain of order one in the form of hazards.

    Parameters
    ----------
    table
        The probability of nothing and of each cause in a bin at whose start nothing had come, shape
        (stages, bins, 1 + causes).
    """

    bins: Bins
    table: Floats

    @classmethod
    def fit(cls, bins: Bins, rows: PersonPeriods, stage: Ints, shape: tuple[int, int]) -> "StageHazards":
        """Returns the shares among rows of the same stage and bin, drawn towards those of the bin in all stages.

        Those in turn are drawn towards the shares of all bins, stretched to the width of the bin as if each cause came
        at a constant rate, so that a bin that nobody was seen in goes on as the others did. The shares of all bins
        start with one row of nothing and half a row of each cause, so that nothing is impossible.

        Parameters
        ----------
        stage
            The stage at each row's cutoff, shape (rows,).
        shape
            The number of stages and of outcomes.
        """
        n_stages, n_outcomes = shape
        counts = np.zeros((n_stages, len(bins), n_outcomes))
        np.add.at(counts, (stage, rows.bin, rows.outcome), 1.0)
        start = np.full(n_outcomes, 0.5)
        start[0] = 1.0
        overall = _shares(counts.sum(axis=(0, 1)) + start)
        by_bin = _shares(counts.sum(axis=0) + WEIGHT * _stretched(overall, _times_wider(bins, counts)))
        return cls(bins, _shares(counts + WEIGHT * by_bin))

    def forecast(self, X: Singles, stage: Ints, impossible: Ints) -> Forecast:
        """Returns what comes first by the end of each bin; the features are not looked at."""
        del X
        return multiply_up(self.bins, without_impossible(self.table[stage], impossible))

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes equal hazards."""
        return {"table": self.table.tolist()}

    @classmethod
    def from_dict(cls, bins: Bins, data: dict[str, Any]) -> "StageHazards":
        """Returns the hazards of plain data."""
        return cls(bins, np.array(data["table"], dtype=np.float64))


def _times_wider(bins: Bins, counts: Floats) -> Floats:
    """Returns how many times wider each bin is than the one of an average row, shape (bins,)."""
    widths, rows = np.diff(bins.places), counts.sum(axis=(0, 2))
    return np.asarray(widths / np.average(widths, weights=rows if rows.any() else None))


def _stretched(shares: Floats, times: Floats) -> Floats:
    """Returns the shares over so many times as long, shape (times, outcomes)."""
    nothing = shares[0] ** times[:, None]
    return np.concatenate([nothing, (1.0 - nothing) * shares[1:] / shares[1:].sum()], axis=1)


def _shares(counts: Floats) -> Floats:
    shares: Floats = counts / counts.sum(axis=-1, keepdims=True)
    return shares

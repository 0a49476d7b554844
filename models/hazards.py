"""What comes first, and when: discrete-time competing risks from one gradient-boosted classifier.

The time after a cutoff is cut into bins. Of everyone for whom nothing has come by a bin's start, the classifier says
with what probability nothing comes in the bin, or which cause comes first: the hazards. Multiplied up they give for
every bin's end the probability that nothing has come, and for each cause that it came first. These sum to one and
only grow with time, whatever the classifier says (Tutz and Schmid, "Modeling Discrete Time-to-Event Data", 2016,
chapters 3 and 8; the rows it learns from are the person-periods of Allison, "Discrete-Time Methods for the Analysis of
Event Histories", 1982).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.arrays import Floats, Ints, Singles, plain
from features.durations import parse_duration
from features.targets import Firsts
from models.adding import bar, bar_and_follow, follow
from models.calibration import Calibrator
from models.chances import write_hazards
from models.classifier import BoostedClassifier
from models.forest import Forest
from models.isotonic import Isotonic
from models.temperature import SMALLEST
from models.trees import Trees

BIN = "bin_ahead"
"""The column behind the features that says which bin a row asks about."""

ALWAYS = int(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Bins:
    """The time after a cutoff, cut at every horizon and in between.

    Parameters
    ----------
    edges
        Where each bin ends, microseconds after the cutoff, ascending; a bin begins where the one before ends.
    """

    edges: tuple[int, ...]

    @classmethod
    def up_to(cls, horizons: tuple[str, ...]) -> "Bins":
        """Returns bins that are at most half as wide as the cutoff is far, and at least two up to each horizon."""
        edges: list[int] = []
        start = 0
        for stop in map(parse_duration, horizons):
            pieces = 2 if start == 0 else max(2, -(-2 * (stop - start) // start))
            edges += [start + (stop - start) * piece // pieces for piece in range(1, pieces + 1)]
            start = stop
        return cls(tuple(edges))

    def __len__(self) -> int:
        return len(self.edges)

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each bin begins."""
        return (0, *self.edges[:-1])

    @cached_property
    def places(self) -> Floats:
        """Zero and where each bin ends, shape (bins + 1,)."""
        return np.array([0, *self.edges], dtype=np.float64)

    def within(self, horizon: str) -> int:
        """Returns how many bins there are up to a horizon."""
        return self.edges.index(parse_duration(horizon)) + 1


@dataclass(frozen=True, eq=False)
class PersonPeriods:
    """One row for each snapshot and each bin at whose start nothing had come; every field of shape (rows,).

    Parameters
    ----------
    snapshot
        Which snapshot.
    bin
        Which bin.
    outcome
        0 where nothing comes in the bin, else 1 + the cause that comes first.
    """

    snapshot: Ints
    bin: Ints
    outcome: Ints

    @classmethod
    def between(cls, firsts: Firsts, cutoff: Ints, bins: Bins, since: int, until: int) -> "PersonPeriods":
        """Returns those whose whole bin lies in ``(since, until]``, so that nothing outside of it is learnt.

        Parameters
        ----------
        cutoff
            Of each snapshot, UTC microseconds, shape (snapshots,).
        since, until
            UTC microseconds; ALWAYS for no lower bound.
        """
        snapshot, number, outcome = [], [], []
        for place, (start, stop) in enumerate(zip(bins.starts, bins.edges, strict=True)):
            at_risk = (firsts.wait > start) & (cutoff + start >= since) & (cutoff + stop <= until)
            rows = np.flatnonzero(at_risk)
            snapshot.append(rows)
            number.append(np.full(len(rows), place))
            outcome.append(np.where(firsts.wait[rows] <= stop, firsts.cause[rows] + 1, 0))
        return cls(np.concatenate(snapshot), np.concatenate(number), np.concatenate(outcome))

    def __len__(self) -> int:
        return len(self.bin)

    def matrix(self, X: Singles) -> Singles:
        """Returns the features of each row's snapshot and last its bin, shape (rows, columns + 1)."""
        matrix = np.empty((len(self), X.shape[1] + 1), dtype=np.float32)
        np.take(X, self.snapshot, axis=0, out=matrix[:, :-1])
        matrix[:, -1] = self.bin
        return matrix


@dataclass(frozen=True, eq=False)
class Forecast:
    """What comes first by the end of each bin, and when.

    Parameters
    ----------
    survival
        The probability that nothing has come, shape (rows, bins).
    incidence
        The probability that each cause came first, shape (rows, bins, causes).
    waits
        The median and the mean wait, shape (2, rows).
    """

    survival: Floats
    incidence: Floats
    waits: Floats

    @property
    def median_wait(self) -> Floats:
        """When it is as likely as not that something has come, microseconds, shape (rows,).

        Straight between the ends of bins; NaN where that lies behind the last one.
        """
        return np.asarray(self.waits[0])

    @property
    def expected_wait(self) -> Floats:
        """The mean wait, microseconds, shape (rows,); who waits longer counts with the end of the last bin.

        The restricted mean survival time (Royston and Parmar, BMC Medical Research Methodology 13:152, 2013), with
        survival straight between the ends of bins.
        """
        return np.asarray(self.waits[1])


@dataclass(frozen=True, eq=False)
class HazardModel:
    """The classifier of person-periods, and the calibrator of its hazards."""

    bins: Bins
    classifier: BoostedClassifier
    calibrator: Calibrator

    @cached_property
    def forest(self) -> Forest:
        """The classifier's trees, in the form in which every bin is asked at once."""
        return Forest.of(Trees.from_text(self.classifier.to_text()))

    def hazards(self, X: Singles, impossible: Ints) -> Floats:
        """Returns the probability of nothing and of each cause, given that nothing came before the bin.

        Parameters
        ----------
        X
            Features, shape (rows, columns).
        impossible
            The cause that cannot come, shape (rows,); NOTHING where every one can.

        Returns
        -------
        hazards
            Shape (rows, bins, 1 + causes); row by row the same in any batch.
        """
        hazards = self._calibrated(X)
        bar(hazards, plain(impossible, np.int64))
        return hazards

    def forecast(self, X: Singles, stage: Ints, impossible: Ints) -> Forecast:
        """Returns what comes first by the end of each bin; see ``hazards``. The stage is among the features."""
        del stage
        hazards = self._calibrated(X)
        forecast = _empty_forecast(hazards)
        bar_and_follow(hazards, plain(impossible, np.int64), self.bins.places, *vars(forecast).values())
        return forecast

    def _calibrated(self, X: Singles) -> Floats:
        raw = self.forest.raw_scores(X, len(self.bins))
        hazards = np.empty((*raw.shape[:2], self.classifier.n_classes))
        slope, bias = self._softening
        write_hazards(raw, slope, bias, SMALLEST, hazards)
        if isinstance(self.calibrator, Isotonic):
            flat = self.calibrator.apply(hazards.reshape(-1, hazards.shape[2]))
            hazards = np.ascontiguousarray(flat).reshape(hazards.shape)
        return hazards

    @cached_property
    def _softening(self) -> tuple[float, Floats]:
        """Slope and biases of a calibrator that is a softmax; a slope of zero leaves probabilities as they are."""
        told = self.calibrator.to_dict()
        bias = told.get("bias", [0.0] * self.classifier.n_classes)
        return float(told.get("slope", 0.0)), np.array(bias, dtype=np.float64)


def without_impossible(hazards: Floats, impossible: Ints) -> Floats:
    """Returns the hazards given that the impossible cause does not come."""
    possible = np.array(hazards, dtype=np.float64, order="C")
    bar(possible, plain(impossible, np.int64))
    return possible


def multiply_up(bins: Bins, hazards: Floats) -> Forecast:
    """Returns survival and cumulative incidence of hazards of shape (rows, bins, 1 + causes)."""
    forecast = _empty_forecast(hazards)
    follow(plain(hazards, np.float64), bins.places, *vars(forecast).values())
    return forecast


def _empty_forecast(hazards: Floats) -> Forecast:
    rows, n_bins, outcomes = hazards.shape
    return Forecast(np.empty((rows, n_bins)), np.empty((rows, n_bins, outcomes - 1)), np.empty((2, rows)))

"""Snapshots, features and labels of the three periods."""

from dataclasses import dataclass

from features.arrays import Ints, Singles
from features.errors import TrainingError
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import NO_LABEL, Target
from training.periods import Periods

FEWEST_ROWS = 200
FEWEST_OF_A_CLASS = 20


@dataclass(frozen=True, eq=False)
class Split:
    """One period: its snapshots and their features, shape (rows, columns)."""

    snapshots: Snapshots
    X: Singles


@dataclass(frozen=True, eq=False)
class Dataset:
    """The three periods of a log under one feature set."""

    log: EventLog
    journey: Journey
    feature_set: FeatureSet
    training: Split
    calibration: Split
    test: Split

    def labelled(self, split: Split, target: Target) -> tuple[Singles, Ints]:
        """Returns the rows of a period that have a label of a target, and the labels."""
        y = target.labels(self.log, self.journey, split.snapshots)
        known = y != NO_LABEL
        return split.X[known], y[known]


def build_dataset(log: EventLog, journey: Journey, feature_set: FeatureSet, periods: Periods) -> Dataset:
    """Returns features of every customer known at each cutoff, period by period."""

    def split(cutoffs: Ints) -> Split:
        snapshots = Snapshots.grid(log, cutoffs)
        return Split(snapshots, feature_set.compute(log, journey, snapshots))

    parts = (split(cutoffs) for cutoffs in (periods.training, periods.calibration, periods.test))
    return Dataset(log, journey, feature_set, *parts)


def check_labels(y: Ints, target: Target, classes: tuple[str, ...], period: str) -> None:
    """Makes sure that a target can be learned or measured on these labels.

    Raises
    ------
    TrainingError
        If there are too few rows, or only one class has enough of them.
    """
    if len(y) < FEWEST_ROWS:
        raise TrainingError(
            f"{target.name} has {len(y)} rows in the {period} period and needs {FEWEST_ROWS}; "
            "bring more customers or a longer history"
        )
    enough = [name for code, name in enumerate(classes) if int((y == code).sum()) >= FEWEST_OF_A_CLASS]
    if len(enough) < 2:
        raise TrainingError(
            f"{target.name} has only one class in the {period} period, '{enough[0] if enough else classes[y[0]]}'; "
            f"at least {FEWEST_OF_A_CLASS} rows of a second one are needed, so choose another horizon or more customers"
        )

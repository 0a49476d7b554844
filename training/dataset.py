"""Snapshots, features and labels of the three periods, of a log or of its partitions put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import Ints, Singles, Texts
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
    """One period.

    Parameters
    ----------
    snapshots
        The rows, cutoff by cutoff and there by customer.
    matrices
        Features by the name of the model that looks at them, shape (rows, columns).
    labels
        By the name of the target, shape (rows,); NO_LABEL where there is none.
    """

    snapshots: Snapshots
    matrices: Mapping[str, Singles]
    labels: Mapping[str, Ints]

    def labelled(self, target: Target, model: str) -> tuple[Singles, Ints]:
        """Returns a model's rows that have a label of a target, and the labels."""
        known = self.labels[target.name] != NO_LABEL
        return self.matrices[model][known], self.answers(target)

    def answers(self, target: Target) -> Ints:
        """Returns the labels that there are of a target."""
        y = self.labels[target.name]
        known: Ints = y[y != NO_LABEL]
        return known


@dataclass(frozen=True, eq=False)
class Dataset:
    """The three periods of the customers of a log; snapshots count them in this order."""

    customers: Texts
    training: Split
    calibration: Split
    test: Split


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a log, and of each partition of it alike.

    Parameters
    ----------
    feature_sets
        What each model looks at, by its name.
    """

    journey: Journey
    feature_sets: Mapping[str, FeatureSet]
    targets: tuple[Target, ...]
    periods: Periods

    def dataset(self, log: EventLog) -> Dataset:
        """Returns features and labels of every customer known at each cutoff, period by period."""
        periods = (self.periods.training, self.periods.calibration, self.periods.test)
        return Dataset(log.customers, *(self._split(log, cutoffs) for cutoffs in periods))

    def _split(self, log: EventLog, cutoffs: Ints) -> Split:
        rows = Snapshots.grid(log, cutoffs)
        return Split(
            rows,
            {name: features.compute(log, self.journey, rows) for name, features in self.feature_sets.items()},
            {target.name: target.labels(log, self.journey, rows) for target in self.targets},
        )


def combine(parts: Sequence[Dataset]) -> Dataset:
    """Returns the data set of the whole log, row for row and bit for bit, from those of its partitions."""
    customers = np.concatenate([part.customers for part in parts])
    order = np.argsort(customers, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    places = np.split(place, np.cumsum([len(part.customers) for part in parts])[:-1])
    return Dataset(
        customers[order],
        _combine_splits([part.training for part in parts], places),
        _combine_splits([part.calibration for part in parts], places),
        _combine_splits([part.test for part in parts], places),
    )


def _combine_splits(splits: Sequence[Split], places: Sequence[Ints]) -> Split:
    cutoff = np.concatenate([split.snapshots.cutoff for split in splits])
    customer = np.concatenate([place[split.snapshots.customer] for split, place in zip(splits, places, strict=True)])
    order = np.lexsort((customer, cutoff))
    row = np.empty(len(order), dtype=np.int64)
    row[order] = np.arange(len(order))
    rows = np.split(row, np.cumsum([len(split.snapshots) for split in splits])[:-1])
    first = splits[0]
    return Split(
        Snapshots(customer[order], cutoff[order]),
        {name: _placed([split.matrices[name] for split in splits], rows) for name in first.matrices},
        {name: _placed([split.labels[name] for split in splits], rows) for name in first.labels},
    )


def _placed(parts: Sequence[NDArray[Any]], rows: Sequence[Ints]) -> NDArray[Any]:
    """Returns the rows of all parts, each where it belongs."""
    whole = np.empty((sum(len(part) for part in parts), *parts[0].shape[1:]), dtype=parts[0].dtype)
    for part, row in zip(parts, rows, strict=True):
        whole[row] = part
    return whole


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

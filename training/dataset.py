"""Snapshots, features and what came after them, of a log or of its partitions put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.arrays import Bools, Floats, Ints, Singles, Texts
from features.durations import parse_duration
from features.errors import TrainingError
from features.events import EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.snapshots import Snapshots
from features.targets import NO_LABEL, Firsts, Purchase, Target, spending
from features.timeline import stage_timeline
from models.enough import FEWEST_OF_A_CLASS, FEWEST_ROWS
from training.periods import Periods


@dataclass(frozen=True, eq=False)
class Dataset:
    """Every customer known at each cutoff, cutoff by cutoff and there by customer.

    Parameters
    ----------
    customers
        The ids that the snapshots count.
    stage
        The stage at the cutoff, shape (rows,).
    matrices
        Features by the name of the model that looks at them, shape (rows, columns).
    firsts
        What came first after the cutoff, by the kind of the target.
    asked
        Where the target is asked, by its kind, shape (rows, horizons).
    amounts
        What was spent in each horizon of the purchase target, shape (rows, horizons); no columns without that target.
    """

    customers: Texts
    snapshots: Snapshots
    stage: Ints
    matrices: Mapping[str, Singles]
    firsts: Mapping[str, Firsts]
    asked: Mapping[str, Bools]
    amounts: Floats

    def __len__(self) -> int:
        return len(self.snapshots)

    @property
    def cutoff(self) -> Ints:
        """The cutoff of each row."""
        return self.snapshots.cutoff

    def take(self, rows: Ints | Bools) -> "Dataset":
        """Returns some of the rows."""
        return replace(
            self,
            snapshots=self.snapshots.take(rows),
            stage=self.stage[rows],
            matrices={name: X[rows] for name, X in self.matrices.items()},
            firsts={kind: firsts.take(rows) for kind, firsts in self.firsts.items()},
            asked={kind: asked[rows] for kind, asked in self.asked.items()},
            amounts=self.amounts[rows],
        )

    def labels(self, target: Target, horizon: str, until: int) -> Ints:
        """Returns the class of each row; NO_LABEL where it is not asked, or not known at the moment ``until``."""
        known = self.cutoff + parse_duration(horizon) <= until
        known &= self.asked[target.kind][:, target.horizons.index(horizon)]
        return np.where(known, target.answers(self.firsts[target.kind], self.stage, horizon), NO_LABEL)

    def answers(self, target: Target, horizon: str, until: int) -> Ints:
        """Returns the labels that there are."""
        y = self.labels(target, horizon, until)
        known: Ints = y[y != NO_LABEL]
        return known

    def drawn(self, cutoffs: Ints, stride: int) -> Bools:
        """Says which rows are left if each customer counts at every ``stride``-th cutoff only, not all at the same.

        Neighbouring cutoffs of a customer see nearly the same past and wait for the same event.

        Parameters
        ----------
        cutoffs
            All that there are, ascending.
        """
        phase = pd.util.hash_array(self.customers.astype(str).astype(object), categorize=False) % np.uint64(stride)
        number = np.searchsorted(cutoffs, self.cutoff)
        chosen: Bools = (number + phase.astype(np.int64)[self.snapshots.customer]) % stride == 0
        return chosen


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a log, and of each partition of it alike.

    Parameters
    ----------
    feature_sets
        What each model looks at, by its name.
    horizon
        The main one.
    """

    journey: Journey
    feature_sets: Mapping[str, FeatureSet]
    targets: tuple[Target, ...]
    horizon: str
    periods: Periods

    @property
    def purchase(self) -> Purchase | None:
        """The target that a model of spending goes with; None where nobody asks, or shuffles the answers."""
        return next((target for target in self.targets if isinstance(target, Purchase)), None)

    def dataset(self, log: EventLog) -> Dataset:
        """Returns the rows of every customer at every cutoff."""
        rows, journey = Snapshots.grid(log, self.periods.cutoffs), self.journey
        asked = {
            target.kind: [target.is_asked(log, journey, rows, horizon) for horizon in target.horizons]
            for target in self.targets
        }
        return Dataset(
            log.customers,
            rows,
            stage_timeline(log, journey).stage_at(rows.customer, rows.cutoff),
            {name: features.compute(log, journey, rows) for name, features in self.feature_sets.items()},
            {target.kind: target.firsts(log, journey, rows) for target in self.targets},
            {kind: np.column_stack(columns) for kind, columns in asked.items()},
            self._amounts(log, rows),
        )

    def _amounts(self, log: EventLog, rows: Snapshots) -> Floats:
        horizons = () if self.purchase is None else self.purchase.horizons
        amounts = np.empty((len(rows), len(horizons)))
        for place, horizon in enumerate(horizons):
            amounts[:, place] = spending(log, self.journey, rows, horizon)
        return amounts


def combine(parts: Sequence[Dataset]) -> Dataset:
    """Returns the data set of the whole log, row for row and bit for bit, from those of its partitions."""
    customers = np.concatenate([part.customers for part in parts])
    order = np.argsort(customers, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    places = np.split(place, np.cumsum([len(part.customers) for part in parts])[:-1])
    customer = np.concatenate([own[part.snapshots.customer] for own, part in zip(places, parts, strict=True)])
    cutoff = np.concatenate([part.cutoff for part in parts])
    row = np.lexsort((customer, cutoff))
    first = parts[0]
    return Dataset(
        customers[order],
        Snapshots(customer[row], cutoff[row]),
        np.concatenate([part.stage for part in parts])[row],
        {name: _placed([part.matrices[name] for part in parts], row) for name in first.matrices},
        {
            kind: Firsts(
                np.concatenate([part.firsts[kind].wait for part in parts])[row],
                np.concatenate([part.firsts[kind].cause for part in parts])[row],
            )
            for kind in first.firsts
        },
        {kind: np.concatenate([part.asked[kind] for part in parts])[row] for kind in first.asked},
        np.concatenate([part.amounts for part in parts])[row],
    )


def _placed(parts: Sequence[NDArray[Any]], row: Ints) -> NDArray[Any]:
    """Returns the rows of all parts in a new order, without a second copy of the whole."""
    where = np.empty(len(row), dtype=np.int64)
    where[row] = np.arange(len(row))
    whole = np.empty((len(row), *parts[0].shape[1:]), dtype=parts[0].dtype)
    start = 0
    for part in parts:
        whole[where[start : start + len(part)]] = part
        start += len(part)
    return whole


def check_labels(y: Ints, name: str, classes: tuple[str, ...], period: str) -> None:
    """Makes sure that a target can be learned or measured on these labels.

    Raises
    ------
    TrainingError
        If there are too few rows, or only one class has enough of them.
    """
    if len(y) < FEWEST_ROWS:
        raise TrainingError(
            f"{name} has {len(y)} rows in the {period} period and needs {FEWEST_ROWS}; "
            "bring more customers or a longer history"
        )
    enough = [known for code, known in enumerate(classes) if int((y == code).sum()) >= FEWEST_OF_A_CLASS]
    if len(enough) < 2:
        raise TrainingError(
            f"{name} has only one class in the {period} period, '{enough[0] if enough else classes[y[0]]}'; "
            f"at least {FEWEST_OF_A_CLASS} rows of a second one are needed, so choose other horizons or more customers"
        )

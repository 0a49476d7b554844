"""An ordered tuple of aggregations: what a model knows about a customer at a cutoff."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from features.aggregations import (
    ActiveDays,
    Aggregation,
    Attribute,
    Count,
    CurrentStage,
    Gaps,
    Max,
    Mean,
    Recency,
    StageChanges,
    Sum,
    Tenure,
    TimeInStage,
    Trend,
    aggregation_from_dict,
)
from features.arrays import Ints, Singles
from features.durations import LIFETIME
from features.errors import FeatureError
from features.events import CHANNEL, EVENT, VALUE, EventLog
from features.journey import Journey
from features.plan import ALL, STAGE, Plan
from features.program import Program
from features.snapshots import Snapshots

WINDOWS = ("7d", "28d", "91d", LIFETIME)


@dataclass(frozen=True)
class FeatureSet:
    """Aggregations in the order of their columns; bound to a log's vocabulary before it names or computes anything."""

    aggregations: tuple[Aggregation, ...]

    @classmethod
    def default(cls, log: EventLog, journey: Journey) -> "FeatureSet":
        """Returns a general set derived from what the log and journey hold."""
        bought = tuple(event for event in journey.purchase if event in log.dimensions[EVENT].names)
        repeated = tuple(dict.fromkeys([*bought, *(e for e in journey.activity if e in log.dimensions[EVENT].names)]))
        measured = np.isfinite(log.measures[VALUE]).any()
        aggregations: list[Aggregation] = [
            Count(by=EVENT, windows=WINDOWS),
            Count(by=STAGE, windows=("28d", "91d")),
            Recency(by=EVENT),
            Recency(by=STAGE),
            Gaps(by=EVENT, values=repeated),
            Gaps(by=ALL),
            Trend(by=EVENT, short="7d", long="28d"),
            Trend(by=EVENT, short="28d", long="91d"),
            Tenure(),
            ActiveDays(windows=WINDOWS),
            CurrentStage(),
            TimeInStage(),
            StageChanges(windows=("28d", "91d", LIFETIME)),
        ]
        if log.dimensions[CHANNEL].names:
            aggregations.append(Count(by=CHANNEL, windows=("28d", "91d")))
        if measured and bought:
            aggregations += [kind(by=EVENT, values=bought, windows=WINDOWS) for kind in (Sum, Mean, Max)]
        aggregations += [Attribute(name=name) for name in log.attributes]
        return cls(tuple(aggregations)).bind(log, journey)

    def bind(self, log: EventLog, journey: Journey) -> "FeatureSet":
        """Returns the set with every open value taken from the log and journey.

        Raises
        ------
        FeatureError
            If an aggregation does not fit the log, or two columns share a name.
        """
        bound = FeatureSet(tuple(aggregation.bind(log, journey) for aggregation in self.aggregations))
        name, times = Counter(bound.columns).most_common(1)[0] if bound.columns else ("", 0)
        if times > 1:
            raise FeatureError(f"two features are called '{name}'; remove or rename one of them")
        return bound

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(name for aggregation in self.aggregations for name in aggregation.columns())

    def compute(self, log: EventLog, journey: Journey, snapshots: Snapshots) -> Singles:
        """Returns the feature matrix, shape (rows, columns), in C order; reads nothing after each row's cutoff."""
        return self.program(journey).matrix(log, snapshots)

    def blocks(
        self, log: EventLog, journey: Journey, snapshots: Snapshots, size: int = 1024
    ) -> Iterator[tuple[Ints, Singles]]:
        """Yields the matrix ``size`` customers at a time, so that it need not fit in memory.

        Yields
        ------
        rows, block
            Positions in ``snapshots``, and their features, shape (rows, columns). The next block overwrites the last
            one: copy what is to stay.
        """
        return self.program(journey).blocks(log, snapshots, size)

    def program(self, journey: Journey) -> Program:
        """Returns the set made ready for a journey; it is worked out once."""
        for known, program in self._programs:
            if known is journey or known == journey:
                return program
        plan = Plan(journey)
        for aggregation in self.aggregations:
            aggregation.compile(plan)
        program = Program(plan)
        self._programs.append((journey, program))
        return program

    @cached_property
    def _programs(self) -> list[tuple[Journey, Program]]:
        return []

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the definition; equal sets have equal ones."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data from which ``from_dict`` makes an equal set."""
        return {"aggregations": [aggregation.to_dict() for aggregation in self.aggregations]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "FeatureSet":
        """Returns the set of plain data."""
        return cls(tuple(aggregation_from_dict(entry) for entry in data["aggregations"]))

"""An ordered tuple of aggregations: what a model knows about a customer at a cutoff."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from features.aggregations import Aggregation, aggregation_from_dict
from features.arrays import Ints, Singles
from features.defaults import default_aggregations
from features.documents import Document, read_document
from features.errors import FeatureError
from features.events import EventLog
from features.journey import Journey
from features.plan import Plan
from features.program import Program
from features.snapshots import Snapshots
from features.vocabulary import Vocabulary


class _FeatureFile(Document):
    features: tuple[Any, ...] = Field(min_length=1)


@dataclass(frozen=True)
class FeatureSet:
    """Aggregations in the order of their columns; bound to a log's vocabulary before it names or computes anything."""

    aggregations: tuple[Aggregation, ...]

    @classmethod
    def default(cls, log: EventLog | Vocabulary, journey: Journey) -> "FeatureSet":
        """Returns a general set derived from what the journey and the log, or its vocabulary, hold."""
        vocabulary = Vocabulary.of(log)
        return cls(default_aggregations(vocabulary, journey)).bind(vocabulary, journey)

    @classmethod
    def load(cls, path: str | Path) -> "FeatureSet":
        """Returns the set in a YAML file: a list of aggregations under ``features``.

        Raises
        ------
        FeatureError
            If the file is missing, is not YAML, or an entry is no aggregation.
        """
        file = Path(path)
        document = read_document(file, _FeatureFile, FeatureError)
        return cls(tuple(_entry(file.name, number, entry) for number, entry in enumerate(document.features, start=1)))

    def bind(self, log: EventLog | Vocabulary, journey: Journey) -> "FeatureSet":
        """Returns the set with every open value taken from the journey and the log, or its vocabulary.

        Raises
        ------
        FeatureError
            If an aggregation does not fit the log, or two columns share a name.
        """
        vocabulary = Vocabulary.of(log)
        bound = FeatureSet(tuple(aggregation.bind(vocabulary, journey) for aggregation in self.aggregations))
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
        """Returns the set of plain data.

        Raises
        ------
        FeatureError
            If an entry is no aggregation.
        """
        if not isinstance(data, dict) or not isinstance(data.get("aggregations"), list):
            raise FeatureError("a feature set holds a list under 'aggregations'; write it as FeatureSet.to_dict does")
        return cls(tuple(aggregation_from_dict(entry) for entry in data["aggregations"]))


def _entry(source: str, number: int, data: Any) -> Aggregation:
    try:
        return aggregation_from_dict(data)
    except FeatureError as problem:
        raise FeatureError(f"{source}: feature {number}: {problem}") from None

"""Markov chains of any order on the last stages or events, which fall back on shorter memories."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.aggregations import Aggregation, CurrentStage, LastEvents, LastStages
from features.arrays import Floats, Ints, Singles
from features.featureset import FeatureSet
from features.journey import Journey

SELDOM = 30
"""A context that came less often is not asked; one place shorter is."""

BITS = 20
"""The room of one place in a context's key: three places fit into an integer."""


@dataclass(frozen=True, eq=False)
class _Table:
    """The sorted keys of the contexts of one length that came often enough, and the class shares after each."""

    keys: Ints
    share: Floats


@dataclass
class MarkovChain:
    """The class shares among customers with the same last stages or events.

    Parameters
    ----------
    order
        How many, from 1 to 3: the current stage and those before it, or the last events. A context that came less
        than SELDOM times in training answers like the one without its oldest place, and in the end like everyone.
    of
        Whether it remembers stages or events.
    """

    n_classes: int
    order: int = 1
    of: Literal["stage", "event"] = "stage"

    @property
    def name(self) -> str:
        """What tables call it: ``markov`` for the first order, then ``markov_2``; ``markov_event`` of events."""
        kind = "markov" if self.of == "stage" else "markov_event"
        return kind if self.order == 1 else f"{kind}_{self.order}"

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the last stages or events."""
        del journey
        if self.of == "event":
            return FeatureSet((LastEvents(values=known_events, last=self.order),))
        earlier: tuple[Aggregation, ...] = (LastStages(last=self.order - 1),) if self.order > 1 else ()
        return FeatureSet((CurrentStage(), *earlier))

    def fit(self, X: Singles, y: Ints) -> None:
        """Counts the classes after each context; each starts at its share after the next shorter one."""
        contexts = self._contexts(X)
        counts = np.bincount(y, minlength=self.n_classes) + 0.5
        self.overall = counts / counts.sum()
        self.tables: list[_Table] = []
        for length in range(1, self.order + 1):
            keys, first, place = np.unique(contexts[:, length - 1], return_index=True, return_inverse=True)
            counts = self._share(contexts[first])
            np.add.at(counts, (place, y), 1.0)
            often = np.bincount(place) >= SELDOM
            self.tables.append(_Table(keys[often], counts[often] / counts[often].sum(axis=1, keepdims=True)))

    def predict_proba(self, X: Singles) -> Floats:
        """Returns the shares after the longest context of each row that came often enough."""
        return self._share(self._contexts(X))

    def _share(self, contexts: Ints) -> Floats:
        share = np.tile(self.overall, (len(contexts), 1))
        for length, table in enumerate(self.tables):
            if len(table.keys):
                place = np.minimum(np.searchsorted(table.keys, contexts[:, length]), len(table.keys) - 1)
                known = table.keys[place] == contexts[:, length]
                share[known] = table.share[place[known]]
        return share

    def _contexts(self, X: Singles) -> Ints:
        """Returns the key of each row's context of every length, shape (rows, order); no such place has code 0."""
        columns = list(range(self.order)) if self.of == "event" else [0, *range(1, 2 * self.order - 1, 2)]
        codes = np.nan_to_num(X[:, columns].astype(np.float64) + 1.0, nan=0.0).astype(np.int64)
        keys: Ints = np.cumsum(codes << (BITS * np.arange(self.order)), axis=1)
        return keys

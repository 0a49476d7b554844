"""What a model must beat: prevalence, a Markov chain on stages, and a recency/frequency logistic regression."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from features.aggregations import Count, CurrentStage, Recency, Tenure
from features.arrays import Floats, Ints, Singles
from features.durations import LIFETIME
from features.events import EVENT
from features.featureset import FeatureSet
from features.journey import Journey


class Baseline(Protocol):
    """A simple model over its own few features."""

    name: ClassVar[str]

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the features it looks at."""

    def fit(self, X: Singles, y: Ints) -> None:
        """Fits on rows of those features and their class codes."""

    def predict_proba(self, X: Singles) -> Floats:
        """Returns class probabilities, shape (rows, n_classes)."""


@dataclass
class Prevalence:
    """The class shares of the training period, for everyone the same."""

    name: ClassVar[str] = "prevalence"

    n_classes: int

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the current stage, which it does not read: a matrix needs a column."""
        del journey, known_events
        return FeatureSet((CurrentStage(),))

    def fit(self, X: Singles, y: Ints) -> None:
        """Counts the classes; each starts at one half, so that none is impossible."""
        del X
        counts = np.bincount(y, minlength=self.n_classes) + 0.5
        self.share = counts / counts.sum()

    def predict_proba(self, X: Singles) -> Floats:
        """Returns the shares once per row."""
        return np.tile(self.share, (len(X), 1))


@dataclass
class MarkovChain:
    """The class shares among customers in the same stage: a first-order Markov chain for the next stage."""

    name: ClassVar[str] = "markov"

    n_classes: int

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the current stage."""
        del journey, known_events
        return FeatureSet((CurrentStage(),))

    def fit(self, X: Singles, y: Ints) -> None:
        """Counts classes by stage; each starts at its overall share, the answer for a stage never seen."""
        stage = X[:, 0].astype(np.int64)
        shares = (np.bincount(y, minlength=self.n_classes) + 0.5) / (len(y) + 0.5 * self.n_classes)
        counts = np.tile(shares, (int(stage.max()) + 2, 1))
        np.add.at(counts, (stage, y), 1.0)
        self.share = counts / counts.sum(axis=1, keepdims=True)

    def predict_proba(self, X: Singles) -> Floats:
        """Returns the shares of each row's stage."""
        stage = np.minimum(X[:, 0].astype(np.int64), len(self.share) - 1)
        return np.asarray(self.share[stage])


@dataclass
class RecencyFrequency:
    """A logistic regression on logarithms of recency, frequency (in 28 days, 91 days and ever) and tenure."""

    name: ClassVar[str] = "recency_frequency"

    n_classes: int

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns recency and counts of every activity event, and tenure."""
        active = tuple(
            event for event in dict.fromkeys([*journey.activity, *journey.purchase]) if event in known_events
        )
        counts = Count(by=EVENT, values=active, windows=("28d", "91d", LIFETIME))
        return FeatureSet((Recency(by=EVENT, values=active), counts, Tenure()))

    def fit(self, X: Singles, y: Ints) -> None:
        """Fits the regression; a class that does not occur keeps a tiny probability."""
        self.model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        self.model.fit(_logarithms(X), y)

    def predict_proba(self, X: Singles) -> Floats:
        """Returns the regression's probabilities over all classes."""
        probabilities = np.full((len(X), self.n_classes), 1e-6)
        probabilities[:, self.model.classes_] = self.model.predict_proba(_logarithms(X))
        return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))


BASELINES: tuple[type[Prevalence] | type[MarkovChain] | type[RecencyFrequency], ...] = (
    Prevalence,
    MarkovChain,
    RecencyFrequency,
)


def _logarithms(X: Singles) -> Floats:
    """Returns log(1 + x); an event that never came is as old as anything in a lifetime of ten years."""
    return np.log1p(np.nan_to_num(X.astype(np.float64), nan=3650.0))

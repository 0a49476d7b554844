"""What a model must beat: prevalence, Markov chains, a recency/frequency logistic regression, and BG/NBD."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from features.aggregations import Count, CurrentStage, Gaps, Recency, Tenure
from features.arrays import Floats, Ints, Singles
from features.durations import DAY, LIFETIME, parse_duration
from features.events import EVENT
from features.featureset import FeatureSet
from features.journey import Journey
from features.targets import NextEvent, Purchase, Target
from models.bgnbd import BgNbd
from models.markov import MarkovChain
from models.repeats import RepeatPurchases

MOST_FITTED = 20_000
"""Rows on which the likelihood of BG/NBD is maximised: it has four parameters."""


class Baseline(Protocol):
    """A simple model over its own few features."""

    @property
    def name(self) -> str:
        """What tables call it."""

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


@dataclass
class BuyTillYouDie:
    """The BG/NBD probability of a purchase in the horizon, for a target with the classes no and yes.

    Every purchase event counts, also several on a day and of negative value, as the counts and gaps among the features
    take them. Who has not bought yet gets the share of such customers who did. Rows at several cutoffs of a customer
    count as customers of their own.
    """

    name: ClassVar[str] = "bg_nbd"

    horizon_days: float

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns number, recency and gaps of each purchase event."""
        bought = tuple(event for event in journey.purchase if event in known_events)
        counts = Count(by=EVENT, values=bought, windows=(LIFETIME,))
        return FeatureSet((counts, Recency(by=EVENT, values=bought), Gaps(by=EVENT, values=bought)))

    def fit(self, X: Singles, y: Ints) -> None:
        """Fits by maximum likelihood on rows spread over all; without a repeat purchase everyone gets one share."""
        purchases = purchases_of(X)
        buyers = ~np.isnan(purchases.age)
        known = purchases.take(buyers)
        self.model: BgNbd | None = None
        if (known.frequency > 0).any():
            self.model = BgNbd.fit(known.take(np.arange(0, len(known), 1 + len(known) // MOST_FITTED)))
        others = y[~buyers] if self.model else y
        self.share = (np.sum(others == 1) + 0.5) / (len(others) + 1.0)

    def predict_proba(self, X: Singles) -> Floats:
        """Returns the probabilities of no and yes."""
        yes = np.full(len(X), self.share)
        purchases = purchases_of(X)
        buyers = ~np.isnan(purchases.age)
        if self.model:
            yes[buyers] = self.model.purchase_probability(purchases.take(buyers), self.horizon_days)
        yes = np.clip(yes, 1e-6, 1.0 - 1e-6)
        return np.column_stack([1.0 - yes, yes])


def baselines_for(target: Target, n_classes: int, horizon: str) -> tuple[Baseline, ...]:
    """Returns what a model of the target is measured beside at a horizon; none of them has seen a row yet."""
    of: Literal["stage", "event"] = "event" if isinstance(target, NextEvent) else "stage"
    chains = tuple(MarkovChain(n_classes, order, of) for order in (1, 2, 3))
    buying = (BuyTillYouDie(parse_duration(horizon) / DAY),) if isinstance(target, Purchase) else ()
    return (Prevalence(n_classes), *chains, RecencyFrequency(n_classes), *buying)


def purchases_of(X: Singles) -> RepeatPurchases:
    """Returns the repeat purchases in days of all purchase events together; NaN for who has not bought yet."""
    kinds = X.shape[1] // 6
    count, recency = X[:, :kinds].astype(np.float64), X[:, kinds : 2 * kinds].astype(np.float64)
    between = np.where(count > 1, X[:, 2 * kinds + 1 :: 4] * (count - 1.0), 0.0)
    last, first = np.fmin.reduce(recency, axis=1), np.fmax.reduce(recency + between, axis=1)
    return RepeatPurchases(count.sum(axis=1) - 1.0, np.maximum(first - last, 0.0), first)


def _logarithms(X: Singles) -> Floats:
    """Returns log(1 + x); an event that never came is as old as anything in a lifetime of ten years."""
    return np.log1p(np.nan_to_num(X.astype(np.float64), nan=3650.0))

"""What a model of spending is measured beside: the mean, a customer's own rate, and BG/NBD with gamma-gamma."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from features.aggregations import CurrentStage, Sum, Tenure
from features.arrays import Bools, Floats, Singles
from features.durations import DAY, LIFETIME, parse_duration
from features.events import EVENT
from features.featureset import FeatureSet
from features.journey import Journey
from models.baselines import BuyTillYouDie, purchases_of
from models.bgnbd import BgNbd, GammaGamma
from models.repeats import RepeatPurchases

MOST_FITTED = 10_000
"""Rows on which likelihoods are maximised: the two models have seven parameters."""

COLUMNS_PER_EVENT = 7
"""The value, the number, the recency and four gaps of a purchase event."""


class SpendBaseline(Protocol):
    """A simple model of what is spent in each horizon, over its own few features."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the features it looks at."""

    def fit(self, X: Singles, amounts: Floats) -> None:
        """Fits on rows of those features and what was spent, shape (rows, horizons); NaN where that is not known."""

    def predict(self, X: Singles) -> Floats:
        """Returns what is expected to be spent, shape (rows, horizons)."""


@dataclass
class MeanSpend:
    """The mean of the training period, for everyone the same."""

    name: ClassVar[str] = "mean_spend"

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the current stage, which it does not read: a matrix needs a column."""
        del journey, known_events
        return FeatureSet((CurrentStage(),))

    def fit(self, X: Singles, amounts: Floats) -> None:
        """Keeps the means."""
        del X
        self.mean = known_mean(amounts)

    def predict(self, X: Singles) -> Floats:
        """Returns the means once per row."""
        return np.tile(self.mean, (len(X), 1))


@dataclass
class PastRate:
    """What the customer has spent so far per day, times the days ahead.

    A history shorter than the horizon counts as long as it: a first basket yesterday is no basket a day.
    """

    name: ClassVar[str] = "past_rate"

    horizons: tuple[str, ...]

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the value of all purchases, and tenure."""
        return FeatureSet((_value(journey, known_events), Tenure()))

    def fit(self, X: Singles, amounts: Floats) -> None:
        """Learns nothing."""

    def predict(self, X: Singles) -> Floats:
        """Returns each customer's own rate times the horizon; who got back more than was paid spends nothing."""
        spent = np.maximum(X[:, :-1].astype(np.float64).sum(axis=1), 0.0)
        tenure = np.nan_to_num(X[:, -1].astype(np.float64))
        ahead = _days(self.horizons)
        return np.asarray(spent[:, None] / np.maximum(tenure[:, None], ahead) * ahead)


@dataclass
class BuyTillYouDieForValue:
    """The expected number of purchases of BG/NBD times the expected value of one by gamma-gamma.

    Purchases are taken as BG/NBD is beside the purchase target, and the first one has a value too. Who has not bought
    yet gets the mean of such customers; without repeat purchases or values everyone gets one mean.
    """

    name: ClassVar[str] = "bg_nbd_gamma_gamma"

    horizons: tuple[str, ...]

    def features(self, journey: Journey, known_events: tuple[str, ...]) -> FeatureSet:
        """Returns the value of each purchase event, then numbers, recencies and gaps."""
        counted = BuyTillYouDie(1.0).features(journey, known_events)
        return FeatureSet((_value(journey, known_events), *counted.aggregations))

    def fit(self, X: Singles, amounts: Floats) -> None:
        """Fits both by maximum likelihood on rows spread over all."""
        buyers, known, value = _buyers(X)
        spread = np.arange(0, len(known), 1 + len(known) // MOST_FITTED)
        self.models: tuple[BgNbd, GammaGamma] | None = None
        if (known.frequency[spread] > 0).any() and (value[spread] > 0).any():
            count = known.frequency[spread] + 1.0
            self.models = BgNbd.fit(known.take(spread)), GammaGamma.fit(count, value[spread])
        self.mean = known_mean(amounts[~buyers] if self.models else amounts)

    def predict(self, X: Singles) -> Floats:
        """Returns number times value."""
        expected = np.tile(self.mean, (len(X), 1))
        buyers, known, own = _buyers(X)
        if self.models:
            number, worth = self.models
            value = worth.expected_value(known.frequency + 1.0, own)
            value = np.where(np.isfinite(value), value, own)  # where the model has no mean
            for place, days in enumerate(_days(self.horizons)):
                expected[buyers, place] = number.expected_purchases(known, float(days)) * value
        return expected


def spend_baselines(horizons: tuple[str, ...]) -> tuple[SpendBaseline, ...]:
    """Returns what a model of spending is measured beside; none of them has seen a row yet."""
    return MeanSpend(), PastRate(horizons), BuyTillYouDieForValue(horizons)


def known_mean(amounts: Floats) -> Floats:
    """Returns the mean of what is known at each horizon, shape (horizons,); zero where nothing is."""
    known = ~np.isnan(amounts)
    return np.asarray(np.where(known, amounts, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _buyers(X: Singles) -> tuple[Bools, RepeatPurchases, Floats]:
    """Returns who has bought, and of those the repeat purchases in days and the mean value of a purchase."""
    kinds = X.shape[1] // COLUMNS_PER_EVENT
    purchases = purchases_of(X[:, kinds:])
    buyers = ~np.isnan(purchases.age)
    known = purchases.take(buyers)
    spent = np.maximum(X[buyers, :kinds].astype(np.float64).sum(axis=1), 0.0)
    return buyers, known, np.asarray(spent / (known.frequency + 1.0))


def _value(journey: Journey, known_events: tuple[str, ...]) -> Sum:
    bought = tuple(event for event in journey.purchase if event in known_events)
    return Sum(by=EVENT, values=bought, windows=(LIFETIME,))


def _days(horizons: tuple[str, ...]) -> Floats:
    return np.array([parse_duration(horizon) / DAY for horizon in horizons])

"""Personas: customers who behave alike, found by k-means, each described by what sets it apart."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from features.arrays import Bools, Floats, Ints, Singles
from features.errors import PredictorError
from features.featureset import FeatureSet
from features.journey import Journey
from features.languages.messages import ENGLISH, messages
from features.sentences import describe
from features.wording import Wording
from models.division import Trial, divide, nearest
from models.scale import Scale

MOST_DIFFERENCES = 4
TELLING = 0.4
"""Spreads by which the middle of a persona must lie from the middle of all to be worth a word."""


@dataclass(frozen=True)
class Distinction:
    """What sets a persona apart in one feature.

    Parameters
    ----------
    column
        The feature.
    spreads
        How far the persona's mean lies from that of all customers, in standard deviations of the scaled feature.
    words, usual
        The median of the persona, and that of all customers, in plain English.
    values
        Both medians, None where most have none; left out by personas that were kept before it was.
    """

    column: str
    spreads: float
    words: str
    usual: str
    values: tuple[float | None, float | None] | None = None

    def said(self, wording: Wording) -> tuple[str, str]:
        """Returns both medians in the words of a language."""
        if self.values is None:
            return self.words, self.usual
        own, usual = (wording.say_alone(math.nan if value is None else value) for value in self.values)
        return own, usual


@dataclass(frozen=True)
class Persona:
    """One group of customers.

    Parameters
    ----------
    name
        ``P1`` for the largest, and so on.
    customers, share
        How many belong to it, and of all.
    differences
        The largest first.
    """

    name: str
    customers: int
    share: float
    differences: tuple[Distinction, ...]


@dataclass(frozen=True, eq=False)
class Personas:
    """A division of customers that new ones can be assigned to.

    Parameters
    ----------
    centres
        In the scaled features, shape (personas, kept columns).
    trials
        How stable each number of groups was found.
    """

    feature_set: FeatureSet
    scale: Scale
    centres: Floats
    personas: tuple[Persona, ...]
    trials: tuple[Trial, ...]

    @classmethod
    def find(cls, feature_set: FeatureSet, journey: Journey, X: Singles, seed: int = 0) -> "Personas":
        """Returns the personas of customers; a single one if there is no stable division.

        Parameters
        ----------
        X
            What ``feature_set`` computes, one row per customer.
        """
        longest = np.array([name.endswith("_recency") for name in feature_set.columns])
        scale = Scale.of(X, longest)
        Z = scale.apply(X)
        division = divide(Z, seed)
        persona = nearest(division.centres, Z)
        contrast = _Contrast(feature_set, journey, X, scale)
        found = tuple(
            Persona(f"P{place + 1}", int(mine.sum()), float(mine.mean()), contrast.differences(mine))
            for place, mine in enumerate(persona == each for each in range(len(division.centres)))
        )
        return cls(feature_set, scale, division.centres, found, division.trials)

    @property
    def is_divided(self) -> bool:
        """Whether there is more than one."""
        return len(self.personas) > 1

    def describe(self, journey: Journey, language: str = ENGLISH) -> dict[str, str]:
        """Returns in one sentence of a language what sets each persona apart, by its name."""
        wordings = dict(zip(self.feature_set.columns, describe(self.feature_set, journey, language), strict=True))
        spoken = messages(language)
        told = {}
        for persona in self.personas:
            pairs = [each.said(wordings[each.column]) for each in persona.differences]
            said = [spoken.text("personas.difference", words=words, usual=usual) for words, usual in pairs]
            told[persona.name] = "; ".join(said) or spoken.text("personas.none")
        return told

    def assign(self, X: Singles) -> Ints:
        """Returns the place in ``personas`` of each row of features."""
        return nearest(self.centres, self.scale.apply(X))

    def save(self, path: Path) -> None:
        """Writes a JSON document from which ``load`` makes equal personas."""
        document = {
            "feature_set": self.feature_set.to_dict(),
            "scale": self.scale.to_dict(),
            "centres": self.centres.tolist(),
            "personas": [asdict(persona) for persona in self.personas],
            "trials": [asdict(trial) for trial in self.trials],
        }
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Personas":
        """Returns the personas in a file.

        Raises
        ------
        PredictorError
            If the file is missing or damaged.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                FeatureSet.from_dict(data["feature_set"]),
                Scale.from_dict(data["scale"]),
                np.asarray(data["centres"], dtype=np.float64),
                tuple(_persona(each) for each in data["personas"]),
                tuple(Trial(**each) for each in data["trials"]),
            )
        except (OSError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as problem:
            raise PredictorError(f"no personas in {path.name} ({problem}); run 'nextstage personas --again'") from None


class _Contrast:
    """What all customers look like, as what a group is set against."""

    def __init__(self, feature_set: FeatureSet, journey: Journey, X: Singles, scale: Scale) -> None:
        self._names = [feature_set.columns[column] for column in scale.kept]
        wordings = describe(feature_set, journey)
        self._wordings = [wordings[column] for column in scale.kept]
        self._X, self._Z = X[:, scale.kept], scale.apply(X)
        self._usual = _middle(self._X)

    def differences(self, mine: Bools) -> tuple[Distinction, ...]:
        """Returns the features in which a group lies furthest from all; those that read alike are left out."""
        spreads = self._Z[mine].mean(axis=0) - self._Z.mean(axis=0)
        middle = _middle(self._X[mine])
        told = []
        for column in np.argsort(-np.abs(spreads), kind="stable"):
            medians = [float(row[column]) for row in (middle, self._usual)]
            words, usual = (self._wordings[column].say_alone(value) for value in medians)
            if abs(spreads[column]) >= TELLING and words != usual:
                own, all_ = (None if math.isnan(value) else value for value in medians)
                told.append(Distinction(self._names[column], float(spreads[column]), words, usual, (own, all_)))
        return tuple(told[:MOST_DIFFERENCES])


def _middle(X: Singles) -> Singles:
    """Returns the median of each column, a value that occurs; NaN where most have none."""
    empty = np.isnan(X).mean(axis=0) > 0.5
    known = np.where(empty, np.float32(0), X)
    return np.where(empty, np.float32(np.nan), np.nanquantile(known, 0.5, axis=0, method="lower")).astype(np.float32)


def _persona(data: dict[str, Any]) -> Persona:
    return Persona(**{**data, "differences": tuple(_difference(each) for each in data["differences"])})


def _difference(data: dict[str, Any]) -> Distinction:
    values = data.get("values")
    return Distinction(**{**data, "values": None if values is None else tuple(values)})

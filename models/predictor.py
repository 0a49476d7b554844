"""FeatureSet, Journey and one calibrated model per target: registered, served and replaced as one."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from features.aggregations import Attribute
from features.arrays import Ints, Singles, Texts
from features.durations import DAY
from features.encoded_log import EncodedLog
from features.errors import EventLogError, PredictorError
from features.events import Dimension, EventLog
from features.featureset import FeatureSet
from features.journey import Journey
from features.program import Program
from features.snapshots import Snapshots
from features.targets import Purchase, Target, target_from_dict
from models.reference import Reference
from models.scores import Scores, TargetScores
from models.spend import SpendModel, SpendScores
from models.target_model import MODEL, TargetModel

DOCUMENT = "predictor.json"
SPEND_FILE = "spend.txt"
REFERENCE_FILE = "reference.json"
REGISTERED = "registered.json"
FORMAT = 3


@dataclass(frozen=True, eq=False)
class Predictor:
    """What is fitted once and then only read.

    Parameters
    ----------
    horizon
        The one that audiences and tables show.
    facts
        Where it comes from, as plain data: data-set hash, periods, metrics.
    spend
        The amounts of who buys, at the horizons of the purchase target; None for a log without values.
    reference
        What scores and features looked like in training; it decides no score. None for a predictor of an earlier
        release.
    """

    journey: Journey
    feature_set: FeatureSet
    models: tuple[TargetModel, ...]
    horizon: str
    facts: dict[str, Any]
    spend: SpendModel | None = None
    reference: Reference | None = None

    def encode(self, log: EventLog) -> EncodedLog:
        """Returns a log as this predictor reads it, all that does not depend on the cutoff worked out.

        Raises
        ------
        EventLogError
            If an attribute is a number that was a text in training, or the other way round.
        """
        check_attributes(self.attributes, log)
        return EncodedLog.of(log, self.program)

    def score(self, log: EventLog | EncodedLog, snapshots: Snapshots) -> Scores:
        """Returns the scores at each snapshot, bit for bit the same alone or among others; raises as ``encode``."""
        encoded = self._encoded(log)
        return self.score_features(encoded, snapshots, self.features(encoded, snapshots))

    def features(self, log: EventLog | EncodedLog, snapshots: Snapshots) -> Singles:
        """Returns what the models look at, shape (rows, columns); raises as ``encode`` does."""
        return self.program.features(self._encoded(log).encoded, snapshots)

    def score_features(self, log: EventLog | EncodedLog, snapshots: Snapshots, X: Singles) -> Scores:
        """Returns the scores of features that are known already."""
        encoded = self._encoded(log)
        stage, since, last, active = encoded.standing(snapshots)
        answers = tuple(_answer(model, X, stage, active, snapshots.cutoff) for model in self.models)
        return Scores(
            horizon=self.horizon,
            customer_id=encoded.customers[snapshots.customer],
            as_of=snapshots.cutoff,
            stage_current=self._stage_names[stage],
            stage_since=since,
            last_event=last,
            targets=answers,
            spend=self._spend(answers, X),
        )

    def _encoded(self, log: EventLog | EncodedLog) -> EncodedLog:
        return log if isinstance(log, EncodedLog) else self.encode(log)

    def _spend(self, answers: tuple[TargetScores, ...], X: Singles) -> SpendScores | None:
        """Returns what is spent, where purchases are asked for: it needs their probabilities."""
        chances = [answer.probabilities[:, :, 1] for answer in answers if answer.target.kind == Purchase.kind]
        return self.spend.forecast(X, chances[0]) if self.spend is not None and chances else None

    def only(self, kinds: Sequence[str] | None) -> "Predictor":
        """Returns the predictor of some targets only; of all without ``kinds``."""
        return self if kinds is None else replace(self, models=tuple(m for m in self.models if m.target.kind in kinds))

    @cached_property
    def program(self) -> Program:
        """The feature set made ready for the journey."""
        return self.feature_set.program(self.journey)

    @cached_property
    def _stage_names(self) -> Texts:
        return np.asarray(self.journey.stage_names, dtype=object)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each target."""
        return tuple(model.target.kind for model in self.models)

    @property
    def attributes(self) -> dict[str, bool]:
        """The customer attributes it reads, and whether each was a text in training."""
        used = [part for part in self.feature_set.aggregations if isinstance(part, Attribute)]
        return {attribute.name: attribute.values is not None for attribute in used}

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that decides a score."""
        return _sha256(json.dumps(self._definition(), sort_keys=True))

    def save(self, folder: Path) -> None:
        """Writes the folder: JSON documents, and one LightGBM text per target and for the spending."""
        folder.mkdir(parents=True, exist_ok=True)
        for model in self.models:
            if model.basis == MODEL:
                (folder / _model_file(model.target)).write_text(model.to_text(), encoding="utf-8")
        if self.spend is not None:
            (folder / SPEND_FILE).write_text(self.spend.regressor.to_text(), encoding="utf-8")
        if self.reference is not None:
            told = json.dumps(self.reference.to_dict(), separators=(",", ":"))
            (folder / REFERENCE_FILE).write_text(told + "\n", encoding="utf-8")
        document = {
            **self._definition(),
            "journey": self.journey.to_dict(),
            "fingerprint": self.fingerprint,
            "facts": self.facts,
        }
        (folder / DOCUMENT).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Predictor":
        """Returns the predictor in a folder; loading runs no code from it.

        Raises
        ------
        PredictorError
            If a file is missing or damaged, or the content does not match its fingerprint.
        """
        try:
            document = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise PredictorError(
                    f"the predictor has format {document['format']}, this nextstage reads {FORMAT}; train again"
                )
            journey = Journey.from_dict(document["journey"])
            models = tuple(_load_model(folder, entry, journey) for entry in document["models"])
            features = FeatureSet.from_dict(document["feature_set"])
            spend = _load_spend(folder, document["spend"]) if "spend" in document else None
            reference = _load_reference(folder)
            predictor = cls(journey, features, models, document["horizon"], document["facts"], spend, reference)
        except (OSError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as problem:
            raise PredictorError(
                f"no whole predictor in {folder.name}: {problem}; download or train it again"
            ) from None
        if predictor.fingerprint != document["fingerprint"]:
            raise PredictorError(
                f"the predictor in {folder.name} does not match its fingerprint {document['fingerprint'][:12]}; "
                "its files were changed or this nextstage computes other features, so download or train it again"
            )
        return predictor

    def _definition(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "journey": self.journey.definition(),
            "feature_set": self.feature_set.to_dict(),
            "horizon": self.horizon,
            "models": [_model_entry(model) for model in self.models],
            **({} if self.spend is None else {"spend": _spend_entry(self.spend)}),
        }


@dataclass(frozen=True, eq=False)
class RegisteredPredictor:
    """A predictor with its name and version in the registry."""

    predictor: Predictor
    name: str
    version: str

    def save(self, folder: Path) -> None:
        """Writes the predictor's folder with its name and version in it: all that a service without MLflow needs."""
        self.predictor.save(folder)
        entry = {"name": self.name, "version": self.version}
        (folder / REGISTERED).write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "RegisteredPredictor":
        """Returns what ``save`` wrote; raises as ``Predictor.load`` does."""
        predictor = Predictor.load(folder)
        try:
            entry = json.loads((folder / REGISTERED).read_text(encoding="utf-8"))
            return cls(predictor, entry["name"], entry["version"])
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise PredictorError(
                f"{folder.name} does not say which version it holds: {problem}; build it again"
            ) from None


def _answer(model: TargetModel, X: Singles, stage: Ints, active: Ints, cutoff: Ints) -> TargetScores:
    forecast = model.forecast(X, stage)
    return TargetScores(
        target=model.target,
        classes=model.classes,
        probabilities=model.probabilities(forecast, stage),
        is_asked=model.target.is_asked_after(active, cutoff),
        median_days=forecast.median_wait / DAY,
        expected_days=forecast.expected_wait / DAY,
        rankings=model.rankings,
        basis=model.basis,
    )


def check_attributes(learnt: dict[str, bool], log: EventLog) -> None:
    """Makes sure that attributes are texts or numbers as they were in training; the model would misread others."""
    for name in learnt.keys() & log.attribute_columns.keys():
        column = log.attribute_columns[name]
        empty = not column.names if isinstance(column, Dimension) else bool(np.isnan(column).all())
        if not empty and isinstance(column, Dimension) != learnt[name]:
            kind = "text" if learnt[name] else "number"
            raise EventLogError(f"attribute '{name}' is no {kind}, but was one in training; give a {kind}")


def _model_file(target: Target) -> str:
    return f"{target.kind}.txt"


def _load_model(folder: Path, entry: dict[str, Any], journey: Journey) -> TargetModel:
    if entry["basis"] != MODEL:
        return TargetModel.from_dict(entry, journey)
    file = _model_file(target_from_dict(entry["target"]))
    return TargetModel.from_dict(entry, journey, _model_text(folder, file, entry["sha256"]))


def _model_entry(model: TargetModel) -> dict[str, Any]:
    return model.to_dict() | ({"sha256": _sha256(model.to_text())} if model.basis == MODEL else {})


def _load_spend(folder: Path, entry: dict[str, Any]) -> SpendModel:
    return SpendModel.from_dict(entry, _model_text(folder, SPEND_FILE, entry["sha256"]))


def _spend_entry(spend: SpendModel) -> dict[str, Any]:
    return {**spend.to_dict(), "sha256": _sha256(spend.regressor.to_text())}


def _load_reference(folder: Path) -> Reference | None:
    path = folder / REFERENCE_FILE
    return Reference.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _model_text(folder: Path, name: str, sha256: str) -> str:
    text = (folder / name).read_text(encoding="utf-8")
    if _sha256(text) != sha256:  # first: LightGBM ends the whole process on a damaged text
        raise PredictorError(f"{name} is not the file that was saved; download or train it again")
    return text


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

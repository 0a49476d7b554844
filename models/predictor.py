"""FeatureSet, Journey and one calibrated model per target: registered, served and replaced as one."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from features.aggregations import Attribute
from features.arrays import Bools, Floats, Ints, Singles
from features.durations import LIFETIME
from features.errors import EventLogError, PredictorError
from features.events import Dimension, EventLog
from features.featureset import FeatureSet
from features.history import History
from features.journey import Journey
from features.plan import ALL, Group
from features.snapshots import Snapshots
from features.targets import Target, target_from_dict
from models.calibration import Calibrator
from models.classifier import BoostedClassifier
from models.scores import UNKNOWN, Scores, TargetScores

DOCUMENT = "predictor.json"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class TargetModel:
    """One target's classifier and the calibrator on top of it."""

    target: Target
    classes: tuple[str, ...]
    classifier: BoostedClassifier
    calibrator: Calibrator

    def predict_proba(self, X: Singles) -> Floats:
        """Returns calibrated probabilities, shape (rows, classes)."""
        return self.calibrator.apply(self.classifier.predict_proba(X))


@dataclass(frozen=True, eq=False)
class Predictor:
    """What is fitted once and then only read.

    Parameters
    ----------
    facts
        Where it comes from, as plain data: data-set hash, periods, metrics.
    """

    journey: Journey
    feature_set: FeatureSet
    models: tuple[TargetModel, ...]
    facts: dict[str, Any]

    def score(self, log: EventLog, snapshots: Snapshots) -> Scores:
        """Returns the scores at each snapshot, bit for bit the same alone or among others.

        Raises
        ------
        EventLogError
            If an attribute is a number that was a text in training, or the other way round.
        """
        check_attributes(self.attributes, log)
        history = History(log, self.journey, snapshots)
        X = self.feature_set.compute(log, self.journey, snapshots)
        names = np.asarray(self.journey.stage_names, dtype=object)
        start, stop = history.segment(Group(ALL), LIFETIME)
        timeline = history.timeline
        row = timeline.row_at(snapshots.customer, snapshots.cutoff)
        known = start < stop
        return Scores(
            customer_id=log.customers[snapshots.customer],
            as_of=snapshots.cutoff,
            stage_current=names[timeline.stage_at(snapshots.customer, snapshots.cutoff)],
            stage_since=_where_known(known, timeline.entered_at, row),
            last_event=_where_known(known, log.time, stop - 1),
            targets=tuple(
                TargetScores(
                    model.target,
                    model.classes,
                    model.predict_proba(X),
                    model.target.is_asked(log, self.journey, snapshots),
                )
                for model in self.models
            ),
        )

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
        """Writes the folder: one JSON document and one LightGBM text per target."""
        folder.mkdir(parents=True, exist_ok=True)
        for model in self.models:
            (folder / _model_file(model.target)).write_text(model.classifier.to_text(), encoding="utf-8")
        document = {**self._definition(), "fingerprint": self.fingerprint, "facts": self.facts}
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
            predictor = cls(journey, FeatureSet.from_dict(document["feature_set"]), models, document["facts"])
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
            "journey": self.journey.to_dict(),
            "feature_set": self.feature_set.to_dict(),
            "models": [
                {
                    "target": model.target.to_dict(),
                    "calibrator": model.calibrator.to_dict(),
                    "sha256": _sha256(model.classifier.to_text()),
                }
                for model in self.models
            ],
        }


@dataclass(frozen=True, eq=False)
class RegisteredPredictor:
    """A predictor with its name and version in the registry."""

    predictor: Predictor
    name: str
    version: str


def check_attributes(learnt: dict[str, bool], log: EventLog) -> None:
    """Makes sure that attributes are texts or numbers as they were in training; the model would misread others."""
    for name in learnt.keys() & log.attribute_columns.keys():
        column = log.attribute_columns[name]
        empty = not column.names if isinstance(column, Dimension) else bool(np.isnan(column).all())
        if not empty and isinstance(column, Dimension) != learnt[name]:
            kind = "text" if learnt[name] else "number"
            raise EventLogError(f"attribute '{name}' is no {kind}, but was one in training; give a {kind}")


def _where_known(known: Bools, moments: Ints, rows: Ints) -> Ints:
    return np.where(known, np.append(moments, UNKNOWN)[np.where(known, rows, -1)], UNKNOWN)


def _model_file(target: Target) -> str:
    return f"{target.name}.txt"


def _load_model(folder: Path, entry: dict[str, Any], journey: Journey) -> TargetModel:
    target = target_from_dict(entry["target"])
    classes = target.classes(journey)
    text = (folder / _model_file(target)).read_text(encoding="utf-8")
    if _sha256(text) != entry["sha256"]:  # first: LightGBM ends the whole process on a damaged text
        raise PredictorError(f"{_model_file(target)} is not the file that was saved; download or train it again")
    classifier = BoostedClassifier.from_text(text, len(classes))
    return TargetModel(target, classes, classifier, Calibrator.from_dict(entry["calibrator"]))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

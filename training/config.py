"""One frozen configuration from nextstage.yaml."""

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from features.documents import Document, read_document
from features.durations import parse_duration
from features.errors import ConfigError, did_you_mean
from features.targets import HORIZONS, KINDS, USUAL_KINDS, NextStage, Purchase
from models.classifier import BoostingOptions

CONFIG = "nextstage.yaml"
"""The name of the file in a working folder."""


class DataConfig(Document):
    """Where the events are and how to read them; relative paths start at the folder of nextstage.yaml.

    Parameters
    ----------
    events
        May be left out where everything is read from the event store.
    """

    events: str | None = None
    attributes: str | None = None
    timezone: str | None = None
    dimensions: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


class PeriodConfig(Document):
    """The rolling grid of cutoffs, and how it is divided into training, calibration and test.

    Parameters
    ----------
    every
        The step between cutoffs, counted back from the log's end.
    start
        The first cutoff allowed, an ISO date or timestamp, in UTC if it names no zone; when left out, ``history`` after
        the first event.
    history
        How much of the log must lie before the first cutoff.
    calibration
        How long calibrators learn of what came, after classifiers have; nothing is learnt of both.
    test
        How long the cutoffs of the test run; they end one longest horizon before the log does, and begin after
        everything that was learnt.
    stride
        A classifier sees each customer at every ``stride``-th cutoff: neighbouring ones tell nearly the same.
    """

    every: str = "7d"
    start: str | None = None
    history: str = "56d"
    calibration: str = "28d"
    test: str = "28d"
    stride: int = Field(default=2, ge=1)

    @field_validator("every", "history", "calibration", "test")
    @classmethod
    def _has_unit(cls, duration: str) -> str:
        parse_duration(duration)
        return duration


class ModelConfig(Document):
    """How the gradient-boosted classifiers are grown; see models.classifier.BoostingOptions."""

    rounds: int = Field(default=BoostingOptions.rounds, ge=1)
    learning_rate: float = Field(default=BoostingOptions.learning_rate, gt=0)
    num_leaves: int = Field(default=BoostingOptions.num_leaves, ge=2)
    min_data_in_leaf: int = Field(default=BoostingOptions.min_data_in_leaf, ge=1)
    feature_fraction: float = Field(default=BoostingOptions.feature_fraction, gt=0, le=1)
    bagging_fraction: float = Field(default=BoostingOptions.bagging_fraction, gt=0, le=1)
    lambda_l2: float = Field(default=BoostingOptions.lambda_l2, ge=0)
    seed: int = BoostingOptions.seed
    threads: int = Field(default=BoostingOptions.threads, ge=1)

    def options(self) -> BoostingOptions:
        """Returns the options for the classifier."""
        return BoostingOptions(**self.model_dump())


class TrackingConfig(Document):
    """Where runs and models go; without ``uri`` MLflow's own environment variables decide."""

    uri: str | None = None
    experiment: str = "nextstage"
    model_name: str = Field(default="nextstage", pattern=r"^[A-Za-z0-9_-]+$")


class Config(Document):
    """Everything a training run is told.

    Parameters
    ----------
    features
        The path of a YAML file for FeatureSet.load; when left out, the set is derived from the journey and the log.
    horizon
        The one of ``horizons`` that audiences and tables show.
    horizons
        How far ahead is predicted, each longer than the one before.
    targets
        What is predicted: ``next_stage``, ``churn``, ``purchase``, ``next_event``.
    """

    data: DataConfig = DataConfig()
    journey: str
    features: str | None = None
    horizon: str = "28d"
    horizons: tuple[str, ...] = HORIZONS
    targets: tuple[str, ...] = USUAL_KINDS
    periods: PeriodConfig = PeriodConfig()
    model: ModelConfig = ModelConfig()
    tracking: TrackingConfig = TrackingConfig()

    @field_validator("horizon")
    @classmethod
    def _has_unit(cls, duration: str) -> str:
        parse_duration(duration)
        return duration

    @field_validator("targets")
    @classmethod
    def _are_known(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        for kind in targets:
            if kind not in KINDS:
                raise ValueError(f"target '{kind}' is unknown; {did_you_mean(kind, KINDS)}")
        if NextStage.kind not in targets:
            raise ValueError(f"'{NextStage.kind}' is always predicted; add it to 'targets'")
        return tuple(dict.fromkeys(targets))

    @model_validator(mode="after")
    def _horizon_is_one_of_them(self) -> "Config":
        Purchase(self.horizons)  # raises what is wrong with them
        if self.horizon not in self.horizons:
            raise ValueError(
                f"horizon '{self.horizon}' is none of 'horizons'; {did_you_mean(self.horizon, self.horizons)}"
            )
        return self


def load_config(path: Path) -> Config:
    """Returns the configuration in a YAML file, its relative paths made absolute.

    Raises
    ------
    ConfigError
        If the file is missing, is not YAML, or has a wrong or unknown key.
    """
    if not path.is_file():
        folder = path.parent.resolve()
        raise ConfigError(f"no {path.name} in {folder}; write one, or name the folder that holds it by --dir")
    config = read_document(path, Config, ConfigError)
    folder = path.resolve().parent
    data = config.data.model_copy(
        update={
            "events": _within(folder, config.data.events),
            "attributes": _within(folder, config.data.attributes),
        }
    )
    journey = str(folder / config.journey) if config.journey.endswith((".yaml", ".yml")) else config.journey
    tracking = config.tracking.model_copy(update={"uri": _absolute_store(config.tracking.uri, folder)})
    features = _within(folder, config.features)
    return config.model_copy(update={"data": data, "journey": journey, "features": features, "tracking": tracking})


def named_events(config: Config) -> str:
    """Returns where the events are.

    Raises
    ------
    ConfigError
        If nextstage.yaml does not say so.
    """
    if config.data.events is None:
        raise ConfigError(f"{CONFIG} names no 'data.events'; name a file, or say --from-store to read the event store")
    return config.data.events


def _within(folder: Path, path: str | None) -> str | None:
    return None if path is None else str(folder / path)


def _absolute_store(uri: str | None, folder: Path) -> str | None:
    prefix = "sqlite:///"
    if uri is None or not uri.startswith(prefix) or uri.startswith(prefix + "/"):
        return uri
    return prefix + str(folder / uri.removeprefix(prefix))

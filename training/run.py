"""One training run from a configuration: read, train, log, register."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from features.events import CHANNEL, EVENT, VALUE, Dimension, EventLog
from features.featureset import FeatureSet
from features.ingest import Schema
from features.journey import load_journey
from features.matrix import Grid
from features.partitions import Partitions
from features.sources.files import read_log
from features.timestamps import to_iso
from models.registry import connect
from training.config import Config, DataConfig, load_config
from training.distributed import train_partitions
from training.tracking import log_training
from training.train import MODEL, Recipe, Training, ask, train

CONFIG = "nextstage.yaml"
EXAMPLE_EVENTS = 20


@dataclass(frozen=True, eq=False)
class Run:
    """A training run and the version it registered."""

    training: Training
    version: str
    model_name: str


def open_folder(folder: Path) -> Config:
    """Returns the configuration in a working folder and connects to its tracking server.

    Raises
    ------
    ConfigError
        If nextstage.yaml is missing or wrong.
    """
    config = load_config(folder / CONFIG)
    connect(folder, config.tracking.uri)
    return config


def data_schema(data: DataConfig, now: int) -> Schema:
    """Returns how the configured events are read; none may lie after ``now``, UTC microseconds."""
    return Schema(data.timezone, data.dimensions, data.measures, latest=now)


def run_training(
    config: Config,
    now: int,
    on_progress: Callable[[float], None] | None = None,
    partitions: Partitions | None = None,
    dask: str | None = None,
) -> Run:
    """Trains on the configured events, or on partitions in their place, and registers the challenger.

    Parameters
    ----------
    now
        The clock, UTC microseconds: an event after it is a mistake in the data.
    dask
        The address of a Dask scheduler for the work on partitions.

    Raises
    ------
    NextstageError
        If the events, the journey, the features or their fit are wrong, or too few.
    """
    recipe, journey = _recipe(config), load_journey(config.journey)
    if partitions is None:
        log = read_log(config.data.events, data_schema(config.data, now), config.data.attributes)
        training = train(log, journey, recipe, on_progress)
    else:
        training = train_partitions(partitions, journey, recipe, dask, on_progress)
        log = partitions.log(int(np.argmax(partitions.manifest.events)))
    version = log_training(training, config.tracking, example_events(log))
    return Run(training, version, config.tracking.model_name)


def feature_grid(config: Config, partitions: Partitions) -> Grid:
    """Returns the features of a training run on partitions and every cutoff of its three periods.

    Raises
    ------
    NextstageError
        If the journey, the features or the periods do not fit the partitions.
    """
    question = ask(partitions.manifest.vocabulary, partitions, load_journey(config.journey), _recipe(config))
    periods = question.periods
    cutoffs = np.concatenate([periods.training, periods.calibration, periods.test])
    return Grid(question.feature_sets[MODEL], question.journey, cutoffs)


def _recipe(config: Config) -> Recipe:
    features = None if config.features is None else FeatureSet.load(Path(config.features))
    return Recipe(config.horizon, config.periods, config.model.options(), features)


def example_events(log: EventLog) -> pd.DataFrame:
    """Returns the first customers' events as a frame: what a caller of the logged model hands in."""
    rows = slice(0, EXAMPLE_EVENTS)
    return pd.DataFrame(
        {
            "customer_id": log.customers[log.customer[rows]],
            "timestamp": [to_iso(moment) for moment in log.time[rows]],
            "event": _texts(log.dimensions[EVENT])[rows],
            "channel": _texts(log.dimensions[CHANNEL])[rows],
            "value": log.measures[VALUE][rows],
        }
    )


def _texts(dimension: Dimension) -> list[str | None]:
    names = [*dimension.names, None]  # code -1 finds the last one
    return [names[code] for code in dimension.codes[:EXAMPLE_EVENTS]]

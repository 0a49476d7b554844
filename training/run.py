"""One training run from a configuration: read, train, log, register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from features.errors import ConfigError, did_you_mean
from features.events import CHANNEL, EVENT, VALUE, Dimension, EventLog
from features.featureset import FeatureSet
from features.ingest import Schema
from features.journey import load_journey
from features.matrix import Grid
from features.partitions import Partitions
from features.sources.files import read_log
from features.timestamps import to_iso
from models.registry import connect
from training.backtest import FOLDS, run_backtest
from training.config import CONFIG, Config, DataConfig, load_config, named_events
from training.distributed import train_partitions
from training.grades import grade_results
from training.promised import promised
from training.promote import Promotion, promote
from training.recipe import MODEL, Recipe
from training.scorecard import Scorecard, scorecards
from training.spend import SpendResult
from training.tracking import log_backtest, log_training
from training.train import Training, ask, train

EXAMPLE_EVENTS = 20

EventSource = Callable[[], EventLog]
"""Reads the events when they are needed: ``read_events`` of a configuration, or a store."""


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """A training run and the version it registered."""

    training: Training
    version: str
    model_name: str


class Backtested(NamedTuple):
    """The scorecards of a backtest, why a target was left out, by its kind, and what was foreseen of spending."""

    cards: tuple[Scorecard, ...]
    left_out: Mapping[str, str]
    spend: tuple[SpendResult, ...]


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


def read_events(config: Config, now: int) -> EventLog:
    """Returns the log of the events that nextstage.yaml names; none may lie after ``now``, UTC microseconds."""
    return read_log(named_events(config), data_schema(config.data, now), config.data.attributes)


def run_training(
    config: Config,
    read: EventSource,
    on_progress: Callable[[float], None] | None = None,
    partitions: Partitions | None = None,
    dask: str | None = None,
) -> TrainingRun:
    """Trains on the events of a source, or on partitions in their place, and registers the challenger.

    Parameters
    ----------
    dask
        The address of a Dask scheduler for the work on partitions.

    Raises
    ------
    NextstageError
        If the events, the journey, the features or their fit are wrong, or too few.
    """
    recipe, journey = recipe_of(config), load_journey(config.journey)
    if partitions is None:
        log = read()
        training = train(log, journey, recipe, on_progress)
    else:
        training = train_partitions(partitions, journey, recipe, dask, on_progress)
        log = partitions.log(int(np.argmax(partitions.manifest.events)))
    training = training.noting(grades=grade_results(training.results), deciles=promised(training.results))
    version = log_training(training, config.tracking, example_events(log))
    return TrainingRun(training, version, config.tracking.model_name)


def run_promotion(
    config: Config,
    read: EventSource,
    version: str | None = None,
    force: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> Promotion:
    """Promotes a version, compared with the champion on the events of a source if it is made in another way.

    Raises
    ------
    PromotionError
        If the version does not earn the place.
    """
    return promote(config.tracking.model_name, read, version, force, on_progress)


def run_backtesting(
    config: Config,
    read: EventSource,
    folds: int = FOLDS,
    by: str | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Backtested:
    """Backtests the configured recipe on the events of a source, logs it, and returns what came of it.

    Parameters
    ----------
    folds
        How many origins at most.
    by
        An attribute of customers by whose values figures are shown too.

    Raises
    ------
    NextstageError
        If the events, the journey, the features or their fit are wrong, or too few.
    """
    log, journey = read(), load_journey(config.journey)
    groups = None if by is None else _groups(log, by)
    backtest = run_backtest(log, journey, recipe_of(config), folds, on_progress)
    cards = scorecards(backtest, journey.stage_names, groups)
    log_backtest(backtest, cards, config.tracking)
    return Backtested(cards, backtest.left_out, backtest.spend)


def feature_grid(config: Config, partitions: Partitions) -> Grid:
    """Returns the features of a training run on partitions and every cutoff of its periods.

    Raises
    ------
    NextstageError
        If the journey, the features or the periods do not fit the partitions.
    """
    question = ask(partitions.manifest.vocabulary, partitions, load_journey(config.journey), recipe_of(config))
    return Grid(question.feature_sets[MODEL], question.journey, question.periods.cutoffs)


def _groups(log: EventLog, by: str) -> dict[str, str]:
    """Returns the value of an attribute by customer id.

    Raises
    ------
    ConfigError
        If no customer has it, or it is a number.
    """
    column = log.attribute_columns.get(by)
    texts = {name for name, known in log.attribute_columns.items() if isinstance(known, Dimension)}
    if not isinstance(column, Dimension):
        raise ConfigError(f"no attribute '{by}' of texts to divide customers by; {did_you_mean(by, texts)}")
    return {
        customer: f"{by} {column.names[code]}"
        for customer, code in zip(log.customers.tolist(), column.codes.tolist(), strict=True)
        if code >= 0
    }


def recipe_of(config: Config) -> Recipe:
    """Returns what a configuration says of training."""
    features = None if config.features is None else FeatureSet.load(config.features)
    return Recipe(config.horizon, config.horizons, config.periods, config.model.options(), features, config.targets)


def example_events(log: EventLog) -> pd.DataFrame:
    """Returns the first customers' events as a frame: what a caller of the logged model hands in.

    The registry keeps them with the model for good, so they are told under made-up ids.
    """
    rows = slice(0, EXAMPLE_EVENTS)
    return pd.DataFrame(
        {
            "customer_id": [f"example-{place + 1}" for place in log.customer[rows]],
            "timestamp": [to_iso(moment) for moment in log.time[rows]],
            "event": _texts(log.dimensions[EVENT])[rows],
            "channel": _texts(log.dimensions[CHANNEL])[rows],
            "value": log.measures[VALUE][rows],
        }
    )


def _texts(dimension: Dimension) -> list[str | None]:
    names = [*dimension.names, None]  # code -1 finds the last one
    return [names[code] for code in dimension.codes[:EXAMPLE_EVENTS]]

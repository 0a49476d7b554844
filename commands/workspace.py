"""A working folder as the commands of both sides see it: what its nextstage.yaml says holds for all of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from commands.importing import now as now  # of use to every command
from commands.opened import AUDIENCES as AUDIENCES
from commands.opened import opened_store as opened_store
from commands.options import TableReading
from features.durations import DAY
from features.errors import ConfigError
from features.events import EventLog
from features.ingest import Schema
from features.partitions import Partitions
from features.sources.files import identified, read_attributes, read_table
from features.sources.partitioner import Division
from features.timestamps import parse_moment
from models.registry import connect, load_predictor, log_figures, version_of
from serving.monitor import MonitorReport, run_monitor
from serving.settings import Settings
from serving.store import Store
from training.config import CONFIG, Config, load_config
from training.run import EventSource, data_schema, open_folder, read_events


def service_settings(folder: Path) -> Settings:
    """Returns how a folder is scored and served, and connects to its registry.

    The model's name and the tracking server come from nextstage.yaml if there is one; environment variables win.
    """
    if not (folder / CONFIG).exists():
        connect(folder)
        return Settings.from_environment(folder)
    return Settings.from_environment(folder, open_folder(folder).tracking.model_name)


def event_source(folder: Path, config: Config, from_store: bool) -> EventSource:
    """Returns what reads a folder's events: those that its nextstage.yaml names, or those of its store.

    Customers who opted out of profiling are not among those of the store.
    """
    return partial(_stored_events, folder) if from_store else partial(read_events, config, now())


def _stored_events(folder: Path) -> EventLog:
    with opened_store(folder) as store:
        return store.consented_log()


def import_files(folder: Path, path: str, reading: TableReading) -> tuple[int, int]:
    """Stores the events of files, and attributes, as training reads them; returns how many are new and how many came.

    Raises
    ------
    NextstageError
        If anything cannot be read; no event is stored then.
    """
    schema, table = _read_as(folder, reading)
    frame, row_name = read_table(path)
    known = None if table is None else read_attributes(table)
    with opened_store(folder) as store:
        added = store.add(identified(frame), schema, row_name)
        if known is not None:
            store.set_attributes(known, schema.timezone)
    return added, len(frame)


def watch_model(folder: Path, moment: int | None, on_progress: Callable[[float], None] | None = None) -> MonitorReport:
    """Returns what is to be said of a folder's champion at a moment, now if none, and logs it to the champion's run.

    Raises
    ------
    NextstageError
        If there is no champion, or store or registry cannot be used.
    """
    settings = service_settings(folder)
    champion, clock = load_predictor(settings.model), now() if moment is None else moment
    with Store(settings.database_url) as store:
        report = run_monitor(store, champion, version_of, clock, on_progress)
    for card in report.fresh:
        figures = {f"live/{card.name}/{metric}": value for metric, value in card.metrics.items()}
        log_figures(card.model_name, card.model_version, figures, card.as_of, card.run_id)
    drift = {f"live/stability/{each.name}": each.index for each in report.scores}  # MLflow takes not every name
    drift["live/features_drifted"] = float(sum(each.is_large for each in report.features))
    log_figures(champion.name, champion.version, drift, clock, clock // DAY)
    return report


def division(folder: Path, partitions: int | None, reading: TableReading) -> Division:
    """Returns how events are divided: read as the folder's nextstage.yaml says, if there is one."""
    return Division(partitions, *_read_as(folder, reading))


def asked_since(text: str | None) -> int | None:
    """Returns the moment of ``--changed-since``; None stands for the last run.

    Raises
    ------
    NextstageError
        If it is no time with a zone.
    """
    return None if text in (None, "last") else parse_moment(str(text), name="--changed-since")


def opened_partitions(folder: Path | None, dask: str | None, store_option: str | None = None) -> Partitions | None:
    """Returns the partitions that a command was given, if it was.

    Parameters
    ----------
    store_option
        An option that reads the store, if one was given.

    Raises
    ------
    ConfigError
        If there is a cluster, but nothing that it could work on, or events are to come from two places.
    """
    if folder is not None and store_option is not None:
        raise ConfigError(f"--partitions takes the place of the store that {store_option} reads; give one of them")
    if folder is None and dask is not None:
        raise ConfigError("--dask works on a partitioned log; name its folder by --partitions as well")
    return None if folder is None else Partitions.open(folder)


def _read_as(folder: Path, reading: TableReading) -> tuple[Schema, str | None]:
    """Returns how events are read, and the table of attributes, if there is one."""
    if not (folder / CONFIG).exists():
        return Schema(reading.timezone, latest=now()), reading.attributes
    data = load_config(folder / CONFIG).data
    schema = data_schema(data, now())
    if reading.timezone is not None:
        schema = replace(schema, timezone=reading.timezone)
    return schema, reading.attributes or data.attributes

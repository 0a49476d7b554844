"""A working folder as the commands of both sides see it: what its nextstage.yaml says holds for all of them."""

from pathlib import Path

from commands.importing import now as now  # of use to every command
from commands.opened import opened_store as opened_store
from features.errors import ConfigError
from features.ingest import Schema
from features.partitions import Partitions
from features.sources.files import identified, read_attributes, read_table
from features.sources.partitioner import Division
from models.registry import connect
from serving.settings import Settings
from training.config import CONFIG, Config, load_config
from training.run import data_schema, open_folder


def service_settings(folder: Path) -> Settings:
    """Returns how a folder is scored and served, and connects to its registry.

    The model's name and the tracking server come from nextstage.yaml if there is one; environment variables win.
    """
    if not (folder / CONFIG).exists():
        connect(folder)
        return Settings.from_environment(folder)
    return Settings.from_environment(folder, open_folder(folder).tracking.model_name)


def import_files(folder: Path, path: str, attributes: str | None, timezone: str | None) -> tuple[int, int]:
    """Stores the events of files, and attributes, as training reads them; returns how many are new and how many came.

    Parameters
    ----------
    attributes, timezone
        In place of what nextstage.yaml says; None leaves it to that file.

    Raises
    ------
    NextstageError
        If anything cannot be read; no event is stored then.
    """
    config = load_config(folder / CONFIG) if (folder / CONFIG).exists() else None
    table = attributes or (config.data.attributes if config else None)
    frame, row_name = read_table(path)
    known = None if table is None else read_attributes(table)
    schema = _schema(config, timezone)
    with opened_store(folder) as store:
        added = store.add(identified(frame), schema, row_name)
        if known is not None:
            store.set_attributes(known, schema.timezone)
    return added, len(frame)


def division(folder: Path, partitions: int | None, attributes: str | None, timezone: str | None) -> Division:
    """Returns how events are divided: read as the folder's nextstage.yaml says, if there is one.

    Parameters
    ----------
    attributes, timezone
        In place of what nextstage.yaml says; None leaves it to that file.
    """
    config = load_config(folder / CONFIG) if (folder / CONFIG).exists() else None
    table = attributes or (config.data.attributes if config else None)
    return Division(partitions, _schema(config, timezone), table)


def opened_partitions(folder: Path | None, dask: str | None) -> Partitions | None:
    """Returns the partitions that a command was given, if it was.

    Raises
    ------
    ConfigError
        If there is a cluster, but nothing that it could work on.
    """
    if folder is None and dask is not None:
        raise ConfigError("--dask works on a partitioned log; name its folder by --partitions as well")
    return None if folder is None else Partitions.open(folder)


def _schema(config: Config | None, timezone: str | None) -> Schema:
    if config is None:
        return Schema(timezone, latest=now())
    schema = data_schema(config.data, now())
    return schema if timezone is None else Schema(timezone, schema.dimensions, schema.measures, schema.latest)

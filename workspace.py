"""A working folder as the commands of both sides see it: what its nextstage.yaml says holds for all of them."""

import time
from pathlib import Path

from features.ingest import Schema
from features.sources.files import identified, read_attributes, read_table
from models.registry import connect
from serving.settings import Settings
from serving.store import Store
from training.config import Config, load_config
from training.run import CONFIG, data_schema, open_folder

AUDIENCES = "audiences"


def now() -> int:
    """Returns the clock in UTC microseconds; only the command line and the service read it."""
    return time.time_ns() // 1_000


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
    with Store(Settings.from_environment(folder).database_url) as store:
        added = store.add(identified(frame), _schema(config, timezone), row_name)
        if known is not None:
            store.set_attributes(known)
    return added, len(frame)


def _schema(config: Config | None, timezone: str | None) -> Schema:
    if config is None:
        return Schema(timezone, latest=now())
    schema = data_schema(config.data, now())
    return schema if timezone is None else Schema(timezone, schema.dimensions, schema.measures, schema.latest)

"""A working folder as the commands of both sides see it: what its nextstage.yaml says holds for all of them."""

from pathlib import Path

import pandas as pd

from commands.importing import now as now  # of use to every command
from commands.opened import AUDIENCES as AUDIENCES
from commands.opened import opened_store as opened_store
from features.errors import ConfigError
from features.ingest import CUSTOMER, Schema
from features.partitions import Partitions
from features.sources.files import identified, read_attributes, read_table
from features.sources.partitioner import Division
from models.registry import connect
from serving.batch import read_scores
from serving.exports.deliveries import Deliveries
from serving.exports.destinations import destination_named
from serving.exports.files import with_contacts
from serving.exports.leftovers import JOURNAL
from serving.exports.push import Push, PushReport
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import Transport
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


def scores_to_export(folder: Path, contacts: str | None) -> pd.DataFrame:
    """Returns the folder's last scores, with what a table of contacts says of their customers, and without refusals.

    Whoever denied or revoked consent, as the folder's store knows it, is left out.
    """
    scores = read_scores(folder / "scores.parquet")
    with opened_store(folder) as store:
        scores = scores[~scores[CUSTOMER].isin(store.suppressed())]
    return scores if contacts is None else with_contacts(scores, read_table(contacts)[0])


def push_scores(folder: Path, tool: str, contacts: str | None, url: str | None, dry_run: bool) -> PushReport:
    """Sends what changed in the folder's last scores to a tool and returns what became of it.

    Raises
    ------
    NextstageError
        If there are no scores, the tool is unknown or its key is missing, or it refuses a request as a whole.
    """
    frame = scores_to_export(folder, contacts)
    run = str(frame["as_of"].max()) if len(frame) else ""
    destination = destination_named(tool, url, run)
    with Deliveries(folder / JOURNAL, f"{tool} {destination.url}") as journal:
        push = Push(destination, journal, Transport(), dry_run)
        return push.send(exported_rows(frame, destination.receiver.key), present_fields(frame))


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

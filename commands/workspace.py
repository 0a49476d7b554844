"""A working folder as the commands of both sides see it: what its nextstage.yaml says holds for all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from commands.importing import now as now  # of use to every command
from commands.options import parse_share
from features.errors import ConfigError, did_you_mean
from features.ingest import CUSTOMER, Schema
from features.journey import load_journey
from features.partitions import Partitions
from features.sources.files import identified, read_attributes, read_table
from features.sources.partitioner import Division
from features.timestamps import parse_moment
from models.registry import connect, load_predictor
from serving.batch import read_scores
from serving.campaigns.effects import Effects
from serving.campaigns.members import Wanted, begin, mark_sent
from serving.campaigns.outcomes import Outcome
from serving.campaigns.report import Report, campaign_report
from serving.exports.deliveries import Deliveries
from serving.exports.destinations import destination_named
from serving.exports.files import with_contacts, write_files
from serving.exports.leftovers import EXPORTS, JOURNAL
from serving.exports.push import Push, PushReport
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import Transport
from serving.formulas import defused
from serving.settings import Settings
from serving.store import Store
from serving.whole_file import written_whole
from training.config import CONFIG, Config, load_config
from training.run import data_schema, open_folder

AUDIENCES = "audiences"


def service_settings(folder: Path) -> Settings:
    """Returns how a folder is scored and served, and connects to its registry.

    The model's name and the tracking server come from nextstage.yaml if there is one; environment variables win.
    """
    if not (folder / CONFIG).exists():
        connect(folder)
        return Settings.from_environment(folder)
    return Settings.from_environment(folder, open_folder(folder).tracking.model_name)


def opened_store(folder: Path) -> Store:
    """Returns the event store of a folder, opened."""
    return Store(Settings.from_environment(folder).database_url)


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


@dataclass(frozen=True)
class Outgoing:
    """Which of a folder's last scores leave it.

    Parameters
    ----------
    contacts
        A table of customers and their addresses; who is not in it does not leave.
    audience
        The name of a file in ``audiences/``: only the customers in it leave.
    campaign
        What they leave for; its control group stays.
    """

    contacts: str | None = None
    audience: str | None = None
    campaign: Wanted | None = None


def wanted_campaign(name: str | None, holdout: str | None, audience: str | None) -> Wanted | None:
    """Returns what the options of a command ask of a campaign.

    Raises
    ------
    ConfigError
        If there is a control group without a campaign, or the share is none.
    """
    if name is None:
        if holdout is not None:
            raise ConfigError("--holdout leaves customers out of a campaign; name it by --campaign as well")
        return None
    return Wanted(name, None if holdout is None else parse_share(holdout, "holdout"), audience)


def scores_to_export(folder: Path, outgoing: Outgoing) -> pd.DataFrame:
    """Returns the folder's last scores with what a table of contacts says of their customers, and without refusals.

    Whoever denied or revoked consent, as the folder's store knows it, is left out.
    """
    scores = read_scores(folder / "scores.parquet")
    with opened_store(folder) as store:
        scores = scores[~scores[CUSTOMER].isin(store.suppressed())]
    if outgoing.audience is not None:
        scores = scores[scores[CUSTOMER].map(defused).isin(_audience(folder, outgoing.audience))]
    return scores if outgoing.contacts is None else with_contacts(scores, read_table(outgoing.contacts)[0])


def export_scores(
    folder: Path, tool: str, outgoing: Outgoing, output: Path | None, stream_id: str | None
) -> list[Path]:
    """Writes the files that a tool imports, for a campaign without its control group, and returns them."""
    frame = scores_to_export(folder, outgoing)
    with _campaign(folder, outgoing, frame, keep=True) as (sent, done):
        paths = write_files(tool, sent, output or folder / EXPORTS, stream_id)
        done(sent[CUSTOMER].tolist())
    return paths


def push_scores(folder: Path, tool: str, outgoing: Outgoing, url: str | None, dry_run: bool) -> PushReport:
    """Sends what changed in the folder's last scores to a tool and returns what became of it.

    Raises
    ------
    NextstageError
        If there are no scores, the tool is unknown or its key is missing, or it refuses a request as a whole.
    """
    frame = scores_to_export(folder, outgoing)
    run = str(frame["as_of"].max()) if len(frame) else ""
    destination = destination_named(tool, url, run)
    receiver = f"{tool} {destination.url}"
    with Deliveries(folder / JOURNAL, receiver) as journal, _campaign(folder, outgoing, frame, not dry_run) as campaign:
        sent, done = campaign
        push = Push(destination, journal, Transport(), dry_run)
        report = push.send(exported_rows(sent, destination.receiver.key), present_fields(sent))
        if not dry_run:
            done([customer for customer in sent[CUSTOMER] if customer not in report.refused])
    return report


@contextmanager
def _campaign(
    folder: Path, outgoing: Outgoing, frame: pd.DataFrame, keep: bool
) -> Iterator[tuple[pd.DataFrame, Callable[[list[str]], None]]]:
    """Yields the rows that are sent, all without a campaign, and what notes down who was sent them."""
    wanted = outgoing.campaign
    if wanted is None:
        yield frame, lambda _: None
        return
    with opened_store(folder) as store:
        sent = begin(store.database, wanted, frame, now(), keep)
        yield sent, lambda customers: mark_sent(store.database, wanted.name, customers, now())


def campaign_outcome(folder: Path, name: str, outcome: Outcome) -> Report:
    """Returns what came of a campaign, in the stages and purchases of the folder's journey.

    Raises
    ------
    NextstageError
        If there is no such campaign, or no nextstage.yaml that names the journey.
    """
    journey = load_journey(load_config(folder / CONFIG).journey)
    with opened_store(folder) as store:
        return campaign_report(store, journey, name, outcome, now())


def write_effects(folder: Path, outcome: Outcome, learner: str) -> Effects:
    """Learns whom campaigns move; if that is proven, writes each customer's expected effect beside the last scores.

    Raises
    ------
    NextstageError
        If there are no scores, no champion, or no such learner.
    """
    path = folder / "scores.parquet"
    scores = read_scores(path)
    with opened_store(folder) as store:
        predictor = load_predictor(service_settings(folder).model).predictor
        effects = Effects.learn(store, predictor, outcome, learner, now())
        if effects.is_proven:
            expected = effects.expect(store, scores[CUSTOMER].tolist(), parse_moment(str(scores["as_of"].max())))
            with written_whole(path) as unfinished:
                scores.assign(**{f"{outcome.kind}_uplift": expected}).to_parquet(unfinished, index=False)
    return effects


def _audience(folder: Path, name: str) -> list[str]:
    """Returns the ids in an audience's file, as they are written there."""
    known = {path.stem: path for path in (folder / AUDIENCES).glob("*.csv")}
    if name not in known:
        raise ConfigError(f"no audience is called {name!r}; {did_you_mean(name, known)}")
    return list(pd.read_csv(known[name], dtype="str", keep_default_na=False)[CUSTOMER])


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

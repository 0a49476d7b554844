"""What leaves a working folder for other tools, for a campaign without its control group."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from commands.opened import AUDIENCES, opened_store
from commands.options import Outgoing, parse_share
from commands.workspace import now
from features.errors import ConfigError, did_you_mean
from features.ingest import CUSTOMER
from features.sources.files import read_table
from serving.batch import read_scores
from serving.campaigns.members import Wanted, begin, mark_sent
from serving.exports.deliveries import Deliveries
from serving.exports.destinations import destination_named
from serving.exports.files import with_contacts, write_files
from serving.exports.leftovers import EXPORTS, JOURNAL
from serving.exports.push import Push, PushReport
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import Transport
from serving.formulas import defused


def scores_to_export(folder: Path, outgoing: Outgoing) -> pd.DataFrame:
    """Returns the folder's last scores with what a table of contacts says of their customers, and without refusals.

    Whoever denied or revoked consent, as the folder's store knows it, is left out.
    """
    scores = read_scores(folder / "scores.parquet")
    scores = scores[~scores[CUSTOMER].isin(_refusing(folder))]
    if outgoing.audience is not None:
        scores = scores[scores[CUSTOMER].map(defused).isin(_audience(folder, outgoing.audience))]
    return scores if outgoing.contacts is None else with_contacts(scores, read_table(outgoing.contacts)[0])


def export_scores(
    folder: Path, tool: str, outgoing: Outgoing, output: Path | None, stream_id: str | None
) -> list[Path]:
    """Writes the files that a tool imports, for a campaign without its control group, and returns them."""
    wanted, frame = _wanted(outgoing), scores_to_export(folder, outgoing)
    with _campaign(folder, wanted, frame, keep=True) as (sent, done):
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
    wanted, frame = _wanted(outgoing), scores_to_export(folder, outgoing)
    run = str(frame["as_of"].max()) if len(frame) else ""
    destination = destination_named(tool, url, run)
    receiver = f"{tool} {destination.url}"
    with Deliveries(folder / JOURNAL, receiver) as journal, _campaign(folder, wanted, frame, not dry_run) as campaign:
        sent, done = campaign
        if not dry_run:
            journal.give_up(_refusing(folder))
        push = Push(destination, journal, Transport(), dry_run)
        report = push.send(exported_rows(sent, destination.receiver.key), present_fields(sent))
        if not dry_run:
            done([customer for customer in sent[CUSTOMER] if customer not in report.refused])
    return report


def _wanted(outgoing: Outgoing) -> Wanted | None:
    """Returns what is asked of a campaign, if there is one.

    Raises
    ------
    ConfigError
        If there is a control group without a campaign, or the share is none.
    """
    if outgoing.campaign is None:
        if outgoing.holdout is not None:
            raise ConfigError("--holdout leaves customers out of a campaign; name it by --campaign as well")
        return None
    holdout = None if outgoing.holdout is None else parse_share(outgoing.holdout, "holdout")
    return Wanted(outgoing.campaign, holdout, outgoing.audience)


@contextmanager
def _campaign(
    folder: Path, wanted: Wanted | None, frame: pd.DataFrame, keep: bool
) -> Iterator[tuple[pd.DataFrame, Callable[[list[str]], None]]]:
    """Yields the rows that are sent, all without a campaign, and what notes down who was sent them."""
    if wanted is None:
        yield frame, lambda _: None
        return
    with opened_store(folder) as store:
        sent = begin(store.database, wanted, frame, now(), keep)
        yield sent, lambda customers: mark_sent(store.database, wanted.name, customers, now())


def _refusing(folder: Path) -> frozenset[str]:
    with opened_store(folder) as store:
        return store.suppressed()


def _audience(folder: Path, name: str) -> list[str]:
    """Returns the ids in an audience's file, as they are written there."""
    known = {path.stem: path for path in (folder / AUDIENCES).glob("*.csv")}
    if name not in known:
        raise ConfigError(f"no audience is called {name!r}; {did_you_mean(name, known)}")
    return list(pd.read_csv(known[name], dtype="str", keep_default_na=False)[CUSTOMER])

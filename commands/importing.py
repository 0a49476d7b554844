"""Exports of other tools into a working folder; what trains and serves models is not loaded for it."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pandas as pd

from features.errors import ConfigError, did_you_mean
from features.ingest import Schema
from features.sources.formats.catalogue import FORMATS, TABLE
from features.sources.importing.import_report import ImportReport
from features.sources.importing.importer import Import, check_usable, opened_import
from features.sources.importing.parquet_log import write_log
from features.sources.importing.records import Format
from features.sources.importing.settling import LINK_COLUMNS
from features.sources.importing.traits import trait_records
from features.timestamps import parse_moment
from serving.consents import Consent
from serving.settings import Settings
from serving.store import Store
from training.config import CONFIG, load_config


def now() -> int:
    """Returns the clock in UTC microseconds; only the command line and the service read it."""
    return time.time_ns() // 1_000


def import_words(words: Sequence[str]) -> tuple[str, list[str]]:
    """Returns the format and the files that 'nextstage import' is given; own tables need no format.

    Raises
    ------
    ConfigError
        If a format comes without files, or several files without a format.
    """
    first, *files = words
    if first in (*FORMATS, TABLE):
        if files:
            return first, files
        if not Path(first).exists():
            raise ConfigError(f"{first} is a format and no file of it is given; write 'nextstage import {first} FILE'")
    if files:
        raise ConfigError(f"no format is called {first!r}; {did_you_mean(first, [*FORMATS, TABLE])}")
    return TABLE, [first]


def import_export(
    folder: Path, form: Format, files: Sequence[str], output: Path | None = None, report: Path | None = None
) -> ImportReport:
    """Takes the export of another tool into the folder's store, or into a Parquet log, and returns what became of it.

    Of the columns beyond the usual ones the store takes those that nextstage.yaml declares; a log takes all.

    Parameters
    ----------
    output
        A Parquet file in place of the store.
    report
        A JSON file for what became of each row; it is written even if nothing is imported.

    Raises
    ------
    EventLogError
        If the files are unusable; nothing is imported then.
    """
    url = Settings.from_environment(folder).database_url
    with ExitStack() as opened:
        store = None if output else opened.enter_context(Store(url))
        prior = _links(store) if store else None
        found = opened.enter_context(opened_import(form, files, now(), prior))
        try:
            check_usable(found.report)
            if output:
                write_log(found, output)
            elif store:
                found.report.stored.update(_stored(store, found, _declared(folder)))
        finally:
            if report:
                found.report.save(report)
        return found.report


def reject_for_tables(**given: object) -> None:
    """Raises if an option is given that own tables do not take.

    Raises
    ------
    ConfigError
        That says which, and what to do instead.
    """
    for name, value in given.items():
        if value is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{option} is for exports of other tools; own tables are a log already: use 'nextstage partition'"
            )


def moment_or_now(text: str) -> int:
    """Returns a moment as UTC microseconds; the clock for 'now'."""
    return now() if text == "now" else parse_moment(text, name="--known-at")


def names_of(pairs: Sequence[str], option: str = "--name") -> dict[str, str]:
    """Returns our names by theirs.

    Raises
    ------
    ConfigError
        If one has no equals sign, or nothing on one side of it.

    Examples
    --------
    >>> names_of(["201=Checkout Started"])
    {'201': 'Checkout Started'}
    """
    names = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs or not ours:
            raise ConfigError(f"{option} {pair!r} names nothing; write two names, like '201=Checkout Started'")
        names[theirs] = ours
    return names


def _links(store: Store) -> pd.DataFrame:
    """Returns what the store knows of identities, as an import takes it."""
    rows = [(previous, customer, since) for previous, since, customer in store.aliases()]
    return pd.DataFrame(rows, columns=list(LINK_COLUMNS)).astype({"joined": "int64"})


def _stored(store: Store, found: Import, schema: Schema) -> dict[str, int]:
    """Stores what an import found and returns how many events are new, revised, and known before."""
    links = found.links[["anonymous_id", "joined", "customer_id"]]
    store.add_aliases(links.itertuples(index=False, name=None))
    store.add_traits(*trait_records(found.settled.traits()))
    came = new = revised = 0
    for table in found.events():
        frame = table.to_pandas()
        lacking = {name: None for name in (*schema.dimensions, *schema.measures) if name not in frame.columns}
        added, changed = store.add_imported(frame.assign(**lacking), schema)
        came, new, revised = came + len(frame), new + added, revised + changed
    store.add_consents(Consent(*row) for row in found.consents.itertuples(index=False, name=None))
    return {"new": new, "revised": revised, "known": came - new - revised}


def _declared(folder: Path) -> Schema:
    """Returns the extra columns that the folder's nextstage.yaml declares; times were looked at row by row."""
    if not (folder / CONFIG).exists():
        return Schema()
    data = load_config(folder / CONFIG).data
    return Schema(dimensions=data.dimensions, measures=data.measures)

"""Imports the export of another tool: reads it row by row, settles what only all rows tell, and hands events on."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa

from features.errors import EventLogError
from features.sources.importing.import_report import ImportReport
from features.sources.importing.lines import JsonRows
from features.sources.importing.processes import in_order
from features.sources.importing.records import Format, Numbered
from features.sources.importing.settling import Settled, settled
from features.sources.importing.staging import Staging
from features.sources.importing.taking import Block, take
from features.sources.importing.traits import attribute_table

BLOCK = 5_000
MUCH = 50_000_000
"""Bytes of files that are worth the start of more processes."""
MOST_WORKERS = 4
MOST_REFUSED = 0.5
"""A larger share of refused rows means a wrong file or a wrong format, of which nothing is taken."""


@dataclass(frozen=True)
class Import:
    """What an import found; the events are there as long as it is open.

    Parameters
    ----------
    report
        What became of each row; ``customers`` and what is stored are counted while events are handed on.
    consents
        Changes of consent: customer_id, consent_profiling, at (UTC microseconds), source.
    attributes
        Dated attributes: customer_id, valid_from and a column each.
    links
        Who each anonymous id was from when on, links of earlier imports included: anonymous_id, customer_id, joined.
    """

    report: ImportReport
    consents: pd.DataFrame
    attributes: pd.DataFrame
    links: pd.DataFrame
    settled: Settled

    def events(self) -> Iterator[pa.Table]:
        """Yields the events in the order in which they joined the history, with the columns of ``LOG_SCHEMA``."""
        return self.settled.events()


@contextmanager
def opened_import(
    form: Format, files: Sequence[str | Path], latest: int | None = None, prior: pd.DataFrame | None = None
) -> Iterator[Import]:
    """Yields what files of one format say.

    Parameters
    ----------
    latest
        UTC microseconds; a row more than a day later is refused.
    prior
        Links of earlier imports: anonymous_id, customer_id, joined.

    Raises
    ------
    EventLogError
        If a file is missing or unusable. Rows that are damaged are counted in the report instead.
    """
    paths = tuple(Path(file) for file in files)
    for path in paths:
        if not path.is_file():
            raise EventLogError(f"no file at {path}; give the files that the tool exported")
    report = ImportReport(files=[path.name for path in paths])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with Staging(folder) as staging:
            gather(form.prepared(paths), paths, staging, report, latest)
            report.made = staging.count("events")
        with settled(staging, folder, prior) as found:
            consents, attributes, links = found.consents(), attribute_table(found.traits()), found.links()
            report.merged, report.customers = found.merged(), found.customers()
            report.taken = report.made - report.merged
            report.links, report.attributes = _new(links, prior), len(attributes)
            report.consents.update(consents["consent_profiling"].tolist())
            yield Import(report, consents, attributes, links, found)


def _new(links: pd.DataFrame, prior: pd.DataFrame | None) -> int:
    known = set() if prior is None else set(prior.itertuples(index=False, name=None))
    return sum(link not in known for link in links.itertuples(index=False, name=None))


def gather(form: Format, files: Sequence[Path], staging: Staging, report: ImportReport, latest: int | None) -> None:
    """Reads every row of every file into the staging and counts what became of it."""
    size = sum(file.stat().st_size for file in files)
    workers = min(MOST_WORKERS, os.cpu_count() or 1) if size > MUCH else 1
    for taken in in_order(partial(take, form, latest), _blocks(form, files), workers):
        report.count(taken)
        for kind, table in taken.tables.items():
            staging.add(kind, table)


def _blocks(form: Format, files: Sequence[Path]) -> Iterator[Block]:
    for file in files:
        rows = form.rows(file)
        parts = rows.parts() if isinstance(rows, JsonRows) and rows.divisible() else _lists(rows)
        yield from (Block(file.name, part) for part in parts)


def _lists(rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    remaining = iter(rows)
    while block := list(islice(remaining, BLOCK)):
        yield block


def check_usable(report: ImportReport) -> None:
    """Raises if so little of the files could be read that they must be something else.

    Raises
    ------
    EventLogError
        If there is no row, or more than half of them are refused.
    """
    if report.read == 0:
        raise EventLogError(f"{', '.join(report.files)} holds no rows; give an export with at least one")
    refused = report.refused.total()
    if refused > MOST_REFUSED * report.read:
        first = report.shown[0]
        raise EventLogError(
            f"{refused:,} of {report.read:,} rows cannot be read, the first in {first['file']} line {first['line']}: "
            f"{first['reason']} {first['detail']!r}; check the format and the options, nothing is imported"
        )

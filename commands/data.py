"""Commands that bring events in and divide what is larger than memory."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.grouping import grouped
from commands.options import Cluster, Folder, TableReading, out

if TYPE_CHECKING:
    from features.sources.importing.records import Options

app = typer.Typer()
IMPORT_HELP = (
    "The tool (ga4, segment, metrica, hotjar, snowplow, cloudevents, hubspot, salesforce, pipedrive) and the files it "
    "exported; csv or nothing for own tables: CSV or Parquet, files, folders or globs."
)


@dataclass(frozen=True)
class Hints:
    """What the export of another tool does not say itself."""

    known_at: Annotated[
        str | None, typer.Option(help="When rows became known that do not say it, like 2026-01-31T12:00:00Z, or 'now'.")
    ] = None
    customer: Annotated[str | None, typer.Option(help="The column or field of the customer id.")] = None
    name: Annotated[
        list[str] | None, typer.Option(help="Our name for an event of theirs, like '201=Checkout Started'.")
    ] = None
    date_format: Annotated[str | None, typer.Option(help="How dates are written, like '%d/%m/%Y %H:%M'.")] = None
    nps: Annotated[list[str] | None, typer.Option(help="A survey question answered from 0 to 10.")] = None
    csat: Annotated[list[str] | None, typer.Option(help="A survey question answered from 1 to 5.")] = None

    def options(self, timezone: str | None) -> "Options":
        """Returns the same as a format takes it."""
        from commands.importing import moment_or_now, names_of
        from features.sources.importing.records import Options

        known = None if self.known_at is None else moment_or_now(self.known_at)
        nps, csat = (None if asked is None else tuple(asked) for asked in (self.nps, self.csat))
        return Options(timezone, known, self.customer, names_of(self.name or []), self.date_format, nps, csat)


@app.command("import")
@grouped
def import_events(
    words: Annotated[list[str], typer.Argument(metavar="[FORMAT] FILE...", help=IMPORT_HELP)],
    reading: TableReading,
    hints: Hints,
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A Parquet file that is written in place of the store.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="A JSON file that tells what became of every row.")] = None,
) -> None:
    """Put events into the store that is scored and served, from own tables or another tool; the same row counts once.

    Own tables are read as nextstage.yaml says, and stored as a whole or not at all. Of another tool's export what
    cannot be read is counted, shown and left out.
    """
    from commands.importing import import_export, import_words, reject_for_tables
    from features.sources.formats.catalogue import TABLE, format_named

    kind, files = import_words(words)
    if kind == TABLE:
        reject_for_tables(output=output, report=report, **asdict(hints))
        from commands.workspace import import_files

        for path in files:
            added, came = import_files(folder, path, reading)
            out.print(f"{added:,} of {came:,} events are new.", highlight=False)
        return
    form = format_named(kind, hints.options(reading.timezone))
    for sentence in import_export(folder, form, files, output, report).sentences():
        out.print(sentence, highlight=False, markup=False)


@app.command()
@grouped
def partition(
    source: Annotated[str, typer.Argument(help="A CSV or Parquet file, a folder of them, or a glob.")],
    output: Annotated[Path, typer.Argument(help="A new folder for the partitions.")],
    reading: TableReading,
    folder: Folder = Path(),
    partitions: Annotated[int | None, typer.Option(help="How many; about two million events each if left out.")] = None,
) -> None:
    """Divide events by customer into a Parquet folder, however many there are, read as nextstage.yaml says."""
    from commands.progress import progress_steps
    from commands.workspace import division
    from features.sources.partitioner import write_partitions

    with progress_steps(out) as step:
        how = division(folder, partitions, reading)
        made = write_partitions(source, output, how, step("Reading, sorting, checking"))
    events, customers = sum(made.manifest.events), sum(made.manifest.customers)
    out.print(f"{events:,} events of {customers:,} customers in {len(made)} partitions: {output}", highlight=False)


@app.command()
def features(
    partitions: Annotated[Path, typer.Argument(help="A folder that 'nextstage partition' wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder for the matrix, a file per partition.")],
    folder: Folder = Path(),
    dask: Cluster = None,
) -> None:
    """Write the features of every customer at every cutoff that nextstage.yaml trains, calibrates and tests on."""
    from commands.progress import progress_steps
    from features.matrix import write_matrices
    from features.partitions import Partitions
    from training.run import feature_grid, open_folder

    parts = Partitions.open(partitions)
    with progress_steps(out) as step:
        grid = feature_grid(open_folder(folder), parts)
        rows = write_matrices(parts, grid, output, dask, step("Features of every partition"))
    out.print(f"{rows:,} rows of {len(grid.feature_set.columns)} features: {output}", highlight=False)

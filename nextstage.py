"""The command line: parses arguments and calls one function per command."""

import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from features.errors import NextstageError

if TYPE_CHECKING:
    from serving.database import Database

app = typer.Typer(
    help="Reads what customers did and predicts what they do next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys of the service: random, shown once, kept as a hash.", no_args_is_help=True)
app.add_typer(keys, name="key")
out = Console()

Folder = Annotated[
    Path, typer.Option("--dir", help="The working folder: nextstage.yaml, nextstage.db and mlflow.db live there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON for a program.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="The moment to look from, like 2026-01-31T12:00:00Z; now, or where partitions end, if left out."),
]
Parts = Annotated[
    Path | None,
    typer.Option("--partitions", help="A folder that 'nextstage partition' wrote, in place of other events."),
]
Cluster = Annotated[
    str | None,
    typer.Option("--dask", help="The address of a Dask scheduler, like tcp://10.0.0.1:8786; with --partitions."),
]
IMPORT_HELP = (
    "The tool (ga4, segment, metrica, hotjar, snowplow, cloudevents, hubspot, salesforce, pipedrive) and the files it "
    "exported; csv or nothing for own tables: CSV or Parquet, files, folders or globs."
)
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


@app.command()
def quickstart(
    folder: Folder = Path("quickstart-data"),
    serve: Annotated[bool, typer.Option(help="Serve the scores when everything is ready.")] = True,
    as_json: AsJson = False,
    port: Port = 3000,
) -> None:
    """Real scores of 2,469 real households: read, train, compare, promote, score and serve."""
    from quickstart import run_quickstart, serve_quickstart
    from serving.launch import check_port

    console = Console(stderr=as_json)
    if serve:
        check_port("127.0.0.1", port)  # now, not after all the work
    summary = run_quickstart(folder, port, console)
    if as_json:
        print(json.dumps(summary, indent=2), flush=True)
    if serve:
        serve_quickstart(folder, port, summary["curl"], console)


@app.command()
def check(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Say whether the data named in nextstage.yaml is fit to be trained on; exit code 1 if something blocks it."""
    from terminal import readiness, readiness_table
    from training.config import CONFIG, load_config
    from training.readiness.report import check as check_data

    report = check_data(load_config(folder / CONFIG), time.time_ns() // 1_000)  # workspace would bring in the registry
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        out.print(readiness_table(report), readiness(report), highlight=False)
    if not report.is_ready:
        raise typer.Exit(1)


@app.command()
def train(folder: Folder = Path(), as_json: AsJson = False, partitions: Parts = None, dask: Cluster = None) -> None:
    """Train on the events named in nextstage.yaml, compare with baselines, and register the challenger."""
    from terminal import comparison_table, horizon_table, progress_steps, spend_table, verdict
    from training.run import open_folder, run_training
    from workspace import now, opened_partitions

    console = Console(stderr=as_json)
    parts = opened_partitions(partitions, dask)
    with progress_steps(console) as step:
        run = run_training(open_folder(folder), now(), step("Training, calibrating, comparing"), parts, dask)
    results = run.training.results
    console.print(comparison_table(results, run.training.recipe.horizon), horizon_table(results), verdict(results))
    if run.training.spend_results:
        console.print("", spend_table(run.training.spend_results))
    for kind, why in run.training.predictor.facts["shortages"].items():
        console.print(f"{kind} is answered by a baseline, labelled so: {why}.")
    console.print(
        f"Version {run.version} of '{run.model_name}' is the challenger; 'nextstage promote' makes it champion."
    )
    if as_json:
        metrics = run.training.predictor.facts["metrics"] | run.training.predictor.facts["spend_metrics"]
        print(json.dumps({"model": run.model_name, "version": run.version, "metrics": metrics}, indent=2))


@app.command()
def backtest(
    folder: Folder = Path(),
    folds: Annotated[int, typer.Option(help="At how many earlier moments to train and test, at most.", min=1)] = 4,
    by: Annotated[str | None, typer.Option(help="An attribute of customers to show figures by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train and test at earlier and earlier moments: metrics with intervals, deciles, and a grade per target."""
    from terminal import decile_table, progress_steps, scorecard_table
    from training.run import open_folder, run_backtesting
    from workspace import now

    console = Console(stderr=as_json)
    with progress_steps(console) as step:
        cards = run_backtesting(open_folder(folder), now(), folds, by, step("Training and testing each fold"))
    console.print(scorecard_table(cards))
    for card in cards:
        if card.deciles and card.is_main:
            console.print(decile_table(card))
    if as_json:
        print(json.dumps({card.name: card.to_dict() for card in cards}, indent=2))


@app.command()
def promote(
    folder: Folder = Path(),
    version: Annotated[str | None, typer.Option(help="The version to promote; the challenger if left out.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote also what would be refused; it is recorded.")] = False,
) -> None:
    """Make the challenger, or the version you name, the champion that is served, if it is no worse."""
    from terminal import progress_steps
    from training.run import open_folder, run_promotion
    from workspace import now

    with progress_steps(out) as step:
        told = step("Comparing with the champion")
        promotion = run_promotion(open_folder(folder), now(), version, force, told)
    before = f" instead of version {promotion.previous}" if promotion.previous else ""
    out.print(f"Version {promotion.version} is the champion{before}: {promotion.verdict}.")
    if promotion.forced:
        out.print("It was promoted by --force, against the rules; that is recorded with the version.")


@app.command()
def rollback(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Make the champion before the present one the champion again."""
    from training.rollback import rollback as roll_back
    from training.run import open_folder

    done = roll_back(open_folder(folder).tracking.model_name)
    if as_json:
        print(json.dumps({"champion": done.version, "left": done.left}))
    else:
        out.print(f"Version {done.version} is the champion again, instead of version {done.left}.")


@app.command()
def tune(
    folder: Folder = Path(),
    trials: Annotated[int, typer.Option(help="How many more options to try.", min=1)] = 30,
    timeout: Annotated[float | None, typer.Option(help="Begin no new trial after so many seconds.", min=0)] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the best options into nextstage.yaml.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search for better options of the classifiers, on events before those that 'nextstage train' measures with."""
    from terminal import progress_steps, tuning_sentence
    from training.config import CONFIG
    from training.run import open_folder
    from training.search import model_block, rehearse, run_search, write_model_block
    from training.tune import Budget
    from workspace import now

    console, config = Console(stderr=as_json), open_folder(folder)
    with progress_steps(console) as step:
        step("Reading, computing features once")
        rehearsal = rehearse(config, now())
        found = run_search(config, rehearsal, folder, Budget(trials, timeout), step("Trying options"))
    block = model_block(config.model, found.best)
    console.print(tuning_sentence(found, rehearsal.facts), highlight=False)
    console.print(block, markup=False, highlight=False)
    if write:
        write_model_block(folder / CONFIG, block)
        console.print(f"Written to {folder / CONFIG}; 'nextstage train' uses it.", highlight=False)
    if as_json:
        print(json.dumps({**found.to_dict(), "rehearsal": rehearsal.facts}, indent=2))


@app.command("import")
def import_events(
    words: Annotated[list[str], typer.Argument(metavar="[FORMAT] FILE...", help=IMPORT_HELP)],
    folder: Folder = Path(),
    attributes: Annotated[str | None, typer.Option(help="A table with one row per customer_id; with csv.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of timestamps that carry none.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A Parquet file that is written in place of the store.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="A JSON file that tells what became of every row.")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="When rows became known that do not say it, like 2026-01-31T12:00:00Z, or 'now'.")
    ] = None,
    customer: Annotated[str | None, typer.Option(help="The column or field of the customer id.")] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="Our name for an event of theirs, like '201=Checkout Started'.")
    ] = None,
    date_format: Annotated[str | None, typer.Option(help="How dates are written, like '%d/%m/%Y %H:%M'.")] = None,
    nps: Annotated[list[str] | None, typer.Option(help="A survey question answered from 0 to 10.")] = None,
    csat: Annotated[list[str] | None, typer.Option(help="A survey question answered from 1 to 5.")] = None,
) -> None:
    """Put events into the store that is scored and served, from own tables or another tool; the same row counts once.

    Own tables are read as nextstage.yaml says, and stored as a whole or not at all. Of another tool's export what
    cannot be read is counted, shown and left out.
    """
    from features.sources.formats.catalogue import TABLE, format_named
    from features.sources.importing.records import Options
    from imports import import_export, import_words, moment_or_now, names_of, reject_for_tables

    kind, files = import_words(words)
    if kind == TABLE:
        reject_for_tables(output=output, report=report, known_at=known_at, customer=customer)
        from workspace import import_files

        for path in files:
            added, came = import_files(folder, path, attributes, timezone)
            out.print(f"{added:,} of {came:,} events are new.", highlight=False)
        return
    known = None if known_at is None else moment_or_now(known_at)
    asked = (None if nps is None else tuple(nps), None if csat is None else tuple(csat))
    options = Options(timezone, known, customer, names_of(name or []), date_format, *asked)
    result = import_export(folder, format_named(kind, options), files, output, report)
    for sentence in result.sentences():
        out.print(sentence, highlight=False, markup=False)


@app.command()
def partition(
    source: Annotated[str, typer.Argument(help="A CSV or Parquet file, a folder of them, or a glob.")],
    output: Annotated[Path, typer.Argument(help="A new folder for the partitions.")],
    folder: Folder = Path(),
    partitions: Annotated[int | None, typer.Option(help="How many; about two million events each if left out.")] = None,
    attributes: Annotated[str | None, typer.Option(help="A table with one row per customer_id.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of timestamps that carry none.")] = None,
) -> None:
    """Divide events by customer into a Parquet folder, however many there are, read as nextstage.yaml says."""
    from features.sources.partitioner import write_partitions
    from terminal import progress_steps
    from workspace import division

    with progress_steps(out) as step:
        how = division(folder, partitions, attributes, timezone)
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
    from features.matrix import write_matrices
    from features.partitions import Partitions
    from terminal import progress_steps
    from training.run import feature_grid, open_folder

    parts = Partitions.open(partitions)
    with progress_steps(out) as step:
        grid = feature_grid(open_folder(folder), parts)
        rows = write_matrices(parts, grid, output, dask, step("Features of every partition"))
    out.print(f"{rows:,} rows of {len(grid.feature_set.columns)} features: {output}", highlight=False)


@app.command()
def score(
    folder: Folder = Path(),
    as_of: AsOf = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where scores go; scores.parquet, or scores/ with --partitions, in --dir."),
    ] = None,
    partitions: Parts = None,
    dask: Cluster = None,
) -> None:
    """Score every customer in the store, or of a partition folder, with the champion."""
    from features.timestamps import parse_moment
    from models.registry import load_predictor
    from serving.batch import run_batch
    from serving.partitioned import score_partitions
    from serving.store import Store
    from terminal import progress_steps, stage_table
    from workspace import now, opened_partitions, service_settings

    settings = service_settings(folder)
    clock = now()
    cutoff = clock if as_of is None else parse_moment(as_of)
    parts = opened_partitions(partitions, dask)
    if parts is not None:
        path = output or folder / "scores"
        with progress_steps(out) as step:
            model, told = load_predictor(settings.model), step("Scoring every partition")
            customers = score_partitions(parts, model, parts.end if as_of is None else cutoff, path, dask, told)
        out.print(f"{customers:,} customers scored: {path}", highlight=False)
        return
    path = output or folder / "scores.parquet"
    with Store(settings.database_url) as store, progress_steps(out) as step:
        scores = run_batch(store, load_predictor(settings.model), cutoff, clock, path, step("Scoring every customer"))
    out.print(stage_table(scores))
    out.print(f"{len(scores):,} customers scored: {path}", highlight=False)


@app.command()
def segment(
    name: Annotated[str, typer.Argument(help="What the audience is called.")],
    folder: Folder = Path(),
    score: Annotated[str, typer.Option(help="Compare and sort by churn, purchase or stage_next.")] = "churn",
    stage: Annotated[str | None, typer.Option(help="Only customers who are in this stage.")] = None,
    next_stage: Annotated[str | None, typer.Option(help="Only customers who most probably move to this stage.")] = None,
    at_least: Annotated[float, typer.Option(help="The lowest probability that still belongs.")] = 0.0,
    top: Annotated[int | None, typer.Option(help="At most so many customers.")] = None,
) -> None:
    """Pick an audience from the last scores and write it to audiences/NAME.csv."""
    from serving.batch import read_scores
    from serving.segments import Segment, write_audience
    from workspace import AUDIENCES

    chosen = Segment(name, score, stage, next_stage, at_least, top).select(read_scores(folder / "scores.parquet"))
    path = folder / AUDIENCES / f"{name}.csv"
    write_audience(chosen, path)
    out.print(f"{len(chosen):,} customers in '{name}': {path}", highlight=False)


@app.command()
def export(
    tool: Annotated[str, typer.Argument(help="hubspot, salesforce, pipedrive, klaviyo, braze, ga4 or csv.")],
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder for the files; exports/ in --dir.")
    ] = None,
    contacts: Annotated[str | None, typer.Option(help="A table with customer_id and email.")] = None,
    stream_id: Annotated[str | None, typer.Option(help="The data stream, for ga4.")] = None,
) -> None:
    """Write the last scores as files that another tool imports."""
    from serving.exports.files import write_files
    from serving.exports.leftovers import EXPORTS
    from workspace import scores_to_export

    for path in write_files(tool, scores_to_export(folder, contacts), output or folder / EXPORTS, stream_id):
        out.print(str(path), highlight=False)


@app.command()
def push(
    tool: Annotated[str, typer.Argument(help="hubspot, klaviyo, braze or webhook.")],
    folder: Folder = Path(),
    contacts: Annotated[str | None, typer.Option(help="A table with customer_id and email.")] = None,
    url: Annotated[str | None, typer.Option(help="The address, for braze and webhook.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Make the requests and send none.")] = False,
) -> None:
    """Send what changed in the last scores to another tool; its key comes from the environment."""
    from workspace import push_scores

    report = push_scores(folder, tool, contacts, url, dry_run)
    would = "would be " if dry_run else ""
    out.print(
        f"{report.sent:,} customers {would}sent in {report.requests:,} requests; {report.unchanged:,} unchanged, "
        f"{len(report.refused):,} refused.",
        highlight=False,
    )
    for customer, reason in list(report.refused.items())[:20]:
        out.print(f"  {customer}: {reason}", highlight=False, markup=False)


@app.command()
def serve(
    folder: Folder = Path(),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Port = 3000,
    workers: Annotated[int, typer.Option(help="The number of processes.", min=1)] = 1,
) -> None:
    """Serve scores of the champion over HTTP until Ctrl-C."""
    from serving.launch import serve as serve_settings
    from workspace import service_settings

    serve_settings(service_settings(folder), host, port, workers, lambda: out.print(f"Serving at http://{host}:{port}"))


@keys.command("create")
def create_key(
    scopes: Annotated[
        list[str], typer.Option("--scope", help="ingest, score or admin; say it again for several.", show_default=False)
    ],
    name: Annotated[str, typer.Option(help="What the key is for, as 'key list' shows it.")] = "",
    folder: Folder = Path(),
) -> None:
    """Make a key and print it; nobody can show it again."""
    from serving.keys import create_key as make

    with _database(folder) as database:
        print(make(database, name, scopes, time.time_ns() // 1_000, "command line"))


@keys.command("list")
def list_keys(folder: Folder = Path()) -> None:
    """List the keys with their scopes, revoked ones included."""
    from serving.keys import list_keys as listed

    with _database(folder) as database:
        for key in listed(database):
            out.print(key.describe(), markup=False, highlight=False, soft_wrap=True)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The id that 'key list' shows.")], folder: Folder = Path()
) -> None:
    """Make a key useless for good; the service knows within a second."""
    from serving.keys import revoke_key as revoke

    with _database(folder) as database:
        revoke(database, key_id, time.time_ns() // 1_000, "command line")
    out.print(f"Key {key_id} is revoked.", highlight=False)


def _database(folder: Path) -> "closing[Database]":
    from serving.database import Database
    from serving.settings import Settings

    return closing(Database(Settings.from_environment(folder).database_url))


def main() -> None:
    """Runs the command line; what a user did wrong ends in one sentence and exit code 2."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait by spinning are slow beside other work
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    try:
        app()
    except NextstageError as error:
        end_with(str(error))
    except OSError as error:
        end_with(f"{error.filename or 'a file'}: {error.strerror or error}; give a place that can be read and written")


def end_with(sentence: str) -> NoReturn:
    """Prints what the user did wrong and ends with exit code 2."""
    Console(stderr=True).print(f"nextstage: {sentence}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)


if __name__ == "__main__":
    main()

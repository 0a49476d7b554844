"""The command line: parses arguments and calls one function per command."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from features.errors import NextstageError

app = typer.Typer(
    help="Reads what customers did and predicts what they do next.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
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
def train(folder: Folder = Path(), as_json: AsJson = False, partitions: Parts = None, dask: Cluster = None) -> None:
    """Train on the events named in nextstage.yaml, compare with baselines, and register the challenger."""
    from terminal import comparison_table, progress_steps, verdict
    from training.run import open_folder, run_training
    from workspace import now, opened_partitions

    console = Console(stderr=as_json)
    parts = opened_partitions(partitions, dask)
    with progress_steps(console) as step:
        run = run_training(open_folder(folder), now(), step("Training, calibrating, comparing"), parts, dask)
    results = run.training.results
    console.print(comparison_table(results), verdict(results))
    console.print(
        f"Version {run.version} of '{run.model_name}' is the challenger; 'nextstage promote' makes it champion."
    )
    if as_json:
        metrics = {result.target.name: result.metrics for result in results}
        print(json.dumps({"model": run.model_name, "version": run.version, "metrics": metrics}, indent=2))


@app.command()
def promote(
    folder: Folder = Path(),
    version: Annotated[str | None, typer.Option(help="The version to promote; the challenger if left out.")] = None,
) -> None:
    """Make the challenger, or the version you name, the champion that is served."""
    from training.promote import promote as promote_version
    from training.run import open_folder

    promotion = promote_version(open_folder(folder).tracking.model_name, version)
    before = f" instead of version {promotion.previous}" if promotion.previous else ""
    out.print(f"Version {promotion.version} is the champion{before}.")


@app.command("import")
def import_events(
    path: Annotated[str, typer.Argument(help="A CSV or Parquet file, a folder of them, or a glob.")],
    folder: Folder = Path(),
    attributes: Annotated[str | None, typer.Option(help="A table with one row per customer_id.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of timestamps that carry none.")] = None,
) -> None:
    """Put events into the store that is scored and served, read as nextstage.yaml says; the same row counts once."""
    from workspace import import_files

    added, came = import_files(folder, path, attributes, timezone)
    out.print(f"{added:,} of {came:,} events are new.", highlight=False)


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


def main() -> None:
    """Runs the command line; what a user did wrong ends in one sentence and exit code 2."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
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

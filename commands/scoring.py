"""Commands that score customers and hand the scores on."""

from pathlib import Path
from typing import Annotated

import typer

from commands.options import AsOf, ChangedSince, Cluster, Folder, Parts, out

app = typer.Typer()


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
    changed_since: ChangedSince = None,
) -> None:
    """Score every customer in the store, or of a partition folder, with the champion; an interrupted run goes on."""
    from commands.terminal import STAGE_COLUMNS, progress_steps, stage_table
    from commands.workspace import asked_since, now, opened_partitions, service_settings
    from features.timestamps import parse_moment
    from models.registry import load_predictor
    from serving.batch import read_scores, run_batch
    from serving.occasion import Occasion
    from serving.partitioned import score_partitions
    from serving.store import Store

    settings = service_settings(folder)
    cutoff = None if as_of is None else parse_moment(as_of)
    occasion = Occasion(now(), cutoff, changed_since is not None, asked_since(changed_since))
    parts = opened_partitions(partitions, dask, None if changed_since is None else "--changed-since")
    if parts is not None:
        path = output or folder / "scores"
        with progress_steps(out) as step:
            model, told = load_predictor(settings.model), step("Scoring every partition")
            customers = score_partitions(parts, model, parts.end if cutoff is None else cutoff, path, dask, told)
        out.print(f"{customers:,} customers scored: {path}", highlight=False)
        return
    path = output or folder / "scores.parquet"
    with Store(settings.database_url) as store, progress_steps(out) as step:
        run = run_batch(store, load_predictor(settings.model), occasion, path, step("Scoring every customer"))
        scored = store.count_scores(run)
    table = read_scores(path, STAGE_COLUMNS)
    out.print(stage_table(table))
    kept = "" if run.is_whole else f", {len(table) - scored:,} keep their scores"
    out.print(f"{scored:,} customers scored{kept}: {path}", highlight=False)


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
    from commands.workspace import AUDIENCES
    from serving.batch import read_scores
    from serving.segments import Segment, write_audience

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
    from commands.workspace import scores_to_export
    from serving.exports.files import write_files
    from serving.exports.leftovers import EXPORTS

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
    from commands.workspace import push_scores

    report = push_scores(folder, tool, contacts, url, dry_run)
    would = "would be " if dry_run else ""
    out.print(
        f"{report.sent:,} customers {would}sent in {report.requests:,} requests; {report.unchanged:,} unchanged, "
        f"{len(report.refused):,} refused.",
        highlight=False,
    )
    for customer, reason in list(report.refused.items())[:20]:
        out.print(f"  {customer}: {reason}", highlight=False, markup=False)

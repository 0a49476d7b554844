"""Commands that score customers and hand the scores on."""

from pathlib import Path
from typing import Annotated

import typer

from commands.grouping import grouped
from commands.options import AsOf, ChangedSince, Cluster, Folder, Outgoing, Parts, out

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
    from commands.progress import progress_steps
    from commands.score_tables import STAGE_COLUMNS, stage_table
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
@grouped
def export(
    tool: Annotated[str, typer.Argument(help="hubspot, salesforce, pipedrive, klaviyo, braze, ga4 or csv.")],
    outgoing: Outgoing,
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder for the files; exports/ in --dir.")
    ] = None,
    stream_id: Annotated[str | None, typer.Option(help="The data stream, for ga4.")] = None,
) -> None:
    """Write the last scores as files that another tool imports, for a campaign without its control group."""
    from commands.outgoing import export_scores

    for path in export_scores(folder, tool, outgoing, output, stream_id):
        out.print(str(path), highlight=False)


@app.command()
@grouped
def push(
    tool: Annotated[str, typer.Argument(help="hubspot, salesforce, pipedrive, klaviyo, braze or webhook.")],
    outgoing: Outgoing,
    folder: Folder = Path(),
    url: Annotated[str | None, typer.Option(help="The address, for salesforce, braze and webhook.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Make the requests and send none.")] = False,
) -> None:
    """Send what changed in the last scores to another tool; its key comes from the environment."""
    from commands.outgoing import push_scores

    report = push_scores(folder, tool, outgoing, url, dry_run)
    would = "would be " if dry_run else ""
    out.print(
        f"{report.sent:,} customers {would}sent in {report.requests:,} requests; {report.unchanged:,} unchanged, "
        f"{len(report.refused):,} refused.",
        highlight=False,
    )
    for customer, reason in list(report.refused.items())[:20]:
        out.print(f"  {customer}: {reason}", highlight=False, markup=False)

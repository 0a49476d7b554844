"""Commands that look after a model in use."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands.options import AsJson, Folder

app = typer.Typer()


@app.command()
def monitor(
    folder: Folder = Path(),
    as_of: Annotated[
        str | None, typer.Option(help="The moment to look from, like 2026-01-31T12:00:00Z; now if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold scoring runs whose horizon has passed against what happened, and the present against the training.

    Exit code 0: healthy, or waiting for a run to mature; 1: drifting; 3: failing.
    """
    from commands.monitoring_tables import drift_table, matured_table
    from commands.progress import progress_steps
    from commands.workspace import watch_model
    from features.timestamps import parse_moment
    from serving.judgement import EXIT_CODES

    console = Console(stderr=as_json)
    with progress_steps(console) as step:
        told = step("Maturing runs, measuring drift")
        report = watch_model(folder, None if as_of is None else parse_moment(as_of), told)
    if report.cards:
        console.print(matured_table(report), highlight=False)
    console.print(drift_table(report), highlight=False)
    for finding in report.findings:
        console.print(f"{finding.verdict}: {finding.sentence}.", markup=False, highlight=False)
    console.print(f"Version {report.model_version} of '{report.model_name}' is {report.verdict}.", highlight=False)
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    raise typer.Exit(EXIT_CODES[report.verdict])

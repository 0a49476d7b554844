"""What several commands take, and where they print."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

out = Console()

Folder = Annotated[
    Path, typer.Option("--dir", help="The working folder: nextstage.yaml, nextstage.db and mlflow.db live there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON for a program.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="The moment to look from, like 2026-01-31T12:00:00Z; now, or where partitions end, if left out."),
]
ChangedSince = Annotated[
    str | None,
    typer.Option(
        help="Score only those of whom something became known since a moment, or since the last run: 'last'. "
        "The others keep their scores."
    ),
]
Parts = Annotated[
    Path | None,
    typer.Option("--partitions", help="A folder that 'nextstage partition' wrote, in place of other events."),
]
Cluster = Annotated[
    str | None,
    typer.Option("--dask", help="The address of a Dask scheduler, like tcp://10.0.0.1:8786; with --partitions."),
]
FromStore = Annotated[
    bool, typer.Option("--from-store", help="Read events and attributes from the event store, not from a file.")
]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]

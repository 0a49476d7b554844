"""What several commands take, and where they print."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.errors import ConfigError

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
Language = Annotated[str, typer.Option("--lang", help="The language: en, pl, sk or ru.")]
Port = Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)]


@dataclass(frozen=True)
class TableReading:
    """How own tables are read, in place of what nextstage.yaml says; None leaves it to that file."""

    attributes: Annotated[
        str | None, typer.Option(help="A table with one row per customer_id, to go with own tables.")
    ] = None
    timezone: Annotated[str | None, typer.Option(help="The zone of timestamps that carry none.")] = None


@dataclass(frozen=True)
class Outgoing:
    """Which of a folder's last scores leave it, and for which campaign, whose control group stays."""

    contacts: Annotated[
        str | None, typer.Option(help="A table with customer_id and email; who is not in it does not leave.")
    ] = None
    audience: Annotated[str | None, typer.Option(help="Only the customers in audiences/NAME.csv.", metavar="NAME")] = (
        None
    )
    campaign: Annotated[
        str | None,
        typer.Option(help="What the campaign is called: a random part of its customers is left alone to compare."),
    ] = None
    holdout: Annotated[
        str | None, typer.Option(help="The part left alone, like 10%, of a new --campaign; 10% if left out.")
    ] = None


def parse_share(text: str, name: str) -> float:
    """Returns a share that was written as per cent or as a number.

    Raises
    ------
    ConfigError
        If it is neither.

    Examples
    --------
    >>> parse_share("10%", "holdout"), parse_share("0.1", "holdout")
    (0.1, 0.1)
    """
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise ConfigError(f"--{name} {text!r} is no share; write it like 10% or 0.1") from None

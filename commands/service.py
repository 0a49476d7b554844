"""Commands that serve, and the keys of who may ask."""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from commands.options import AsJson, Folder, Port, out

if TYPE_CHECKING:
    from serving.database import Database

app = typer.Typer()
keys = typer.Typer(help="API keys of the service: random, shown once, kept as a hash.", no_args_is_help=True)
app.add_typer(keys, name="key")


@app.command()
def quickstart(
    folder: Folder = Path("quickstart-data"),
    serve: Annotated[bool, typer.Option(help="Serve the scores when everything is ready.")] = True,
    as_json: AsJson = False,
    port: Port = 3000,
) -> None:
    """Real scores of 2,469 real households: read, train, compare, promote, score and serve."""
    from commands.quickstart import run_quickstart, serve_quickstart
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
def serve(
    folder: Folder = Path(),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Port = 3000,
    workers: Annotated[int, typer.Option(help="The number of processes.", min=1)] = 1,
) -> None:
    """Serve scores of the champion over HTTP until Ctrl-C."""
    from commands.workspace import service_settings
    from serving.launch import serve as serve_settings

    serve_settings(service_settings(folder), host, port, workers, lambda: out.print(f"Serving at http://{host}:{port}"))


@app.command()
def build(
    folder: Folder = Path(),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the Bento to this folder, which must be new.")
    ] = None,
) -> None:
    """Build a Bento with the champion inside; it serves without MLflow and without this checkout."""
    from commands.workspace import service_settings
    from serving.bento import build as build_bento
    from serving.loading import load_model

    tag = build_bento(load_model(service_settings(folder).model), output)
    out.print(f"Built {tag}; serve it by 'bentoml serve {output or tag}'", highlight=False, soft_wrap=True)


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
        known = listed(database)
    for key in known:
        out.print(key.describe(), markup=False, highlight=False, soft_wrap=True)
    if not known:
        out.print("There is no key, so the service answers this machine only; 'nextstage key create' makes one.")


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

"""The command line: one app of the groups of commands; what a user did wrong ends in one sentence."""

import os
import sys
from importlib.metadata import version as installed
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from commands import campaigns, data, insight, modelling, monitoring, scoring, segments, service
from features.errors import NextstageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def show_version(asked: bool) -> None:
    """Prints the version and ends, if it is asked for."""
    if asked:
        typer.echo(f"nextstage {installed('nextstage')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version and end.", callback=show_version, is_eager=True)
]


@app.callback()
def every_command(version: Version = False) -> None:
    """Reads what customers did and predicts what they do next."""
    del version  # it was shown as it was read


for group in (service, data, modelling, scoring, segments, campaigns, insight, monitoring):
    app.add_typer(group.app)


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

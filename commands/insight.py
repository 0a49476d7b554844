"""Commands that show people who their customers are."""

from pathlib import Path
from typing import Annotated

import typer

from commands.options import AsOf, Folder, out

app = typer.Typer()


@app.command()
def personas(
    folder: Folder = Path(),
    as_of: AsOf = None,
    again: Annotated[bool, typer.Option(help="Divide the customers anew; the names then mean others.")] = False,
) -> None:
    """Find customers who behave alike, describe them, and put the column 'persona' beside the scores."""
    from commands.terminal import persona_lines
    from commands.workspace import now, opened_store, service_settings
    from features.timestamps import parse_moment
    from models.registry import load_predictor
    from serving.persona_table import TABLE, assign_personas

    journey = load_predictor(service_settings(folder).model).predictor.journey
    with opened_store(folder) as store:
        found, customers = assign_personas(
            store, journey, now() if as_of is None else parse_moment(as_of), folder, again
        )
    for line in persona_lines(found):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    out.print(f"{customers:,} customers assigned: {folder / TABLE}", highlight=False)

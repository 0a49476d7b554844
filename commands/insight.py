"""Commands that show people who their customers are."""

from pathlib import Path
from typing import Annotated

import typer

from commands.options import AsOf, Folder, Language, out

app = typer.Typer()


@app.command()
def personas(
    folder: Folder = Path(),
    as_of: AsOf = None,
    again: Annotated[bool, typer.Option(help="Divide the customers anew; the names then mean others.")] = False,
    lang: Language = "en",
) -> None:
    """Find customers who behave alike, describe them, and put the column 'persona' beside the scores."""
    from commands.score_tables import persona_lines
    from commands.workspace import now, opened_store, service_settings
    from features.languages.messages import messages
    from features.timestamps import parse_moment
    from models.registry import load_predictor
    from serving.persona_table import TABLE, assign_personas

    messages(lang)  # an unknown language ends here, not after all the work
    journey = load_predictor(service_settings(folder).model).predictor.journey
    with opened_store(folder) as store:
        found, customers = assign_personas(
            store, journey, now() if as_of is None else parse_moment(as_of), folder, again
        )
    for line in persona_lines(found, journey, lang):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    out.print(f"{customers:,} customers assigned: {folder / TABLE}", highlight=False)


@app.command()
def report(
    folder: Folder = Path(),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; report.html in --dir.")] = None,
    lang: Language = "en",
    svg: Annotated[bool, typer.Option("--svg", help="Also the journey map and the flows as SVG.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Also the journey map and the flows as PNG.")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Also the journey as Mermaid text.")] = False,
) -> None:
    """Write the journey map, flows, figures and model of the last scoring run as one file for e-mail."""
    from commands.workspace import opened_store, service_settings
    from models.registry import load_predictor
    from serving.languages.messages import messages
    from serving.printed.whole_report import latest_report, write_report

    messages(lang)  # an unknown language ends here, not after all the work
    service_settings(folder)  # connects to the registry
    with opened_store(folder) as store:
        figures = latest_report(store.database)
    name, version = figures["model"]["name"], figures["model"]["version"]
    pictures = tuple(kind for kind, asked in {"svg": svg, "png": png, "mermaid": mermaid}.items() if asked)
    model = load_predictor(f"models:/{name}/{version}")
    for path in write_report(figures, model, lang, output or folder / "report.html", pictures):
        out.print(str(path), highlight=False)

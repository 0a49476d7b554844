"""Commands that choose audiences from the last scores, and look after the segments that the store keeps."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.grouping import grouped
from commands.options import AsJson, Folder, out

app = typer.Typer()
kept = typer.Typer(help="List, show and delete the segments that the store keeps.", no_args_is_help=True)
app.add_typer(kept, name="segments")

Name = Annotated[str, typer.Argument(help="What the segment is called.")]


@dataclass(frozen=True)
class SegmentRule:
    """Whom a segment takes; None leaves it to a file, or to what is usual."""

    where: Annotated[
        str | None, typer.Option(help="For whom it holds, like \"stage == 'loyal' and churn_28d > 0.4\".")
    ] = None
    order_by: Annotated[
        str | None, typer.Option(help="The column to rank by, the highest first; purchase_prob if left out.")
    ] = None
    lowest_first: Annotated[bool | None, typer.Option("--lowest-first", help="Rank the other way round.")] = None
    at_least: Annotated[float | None, typer.Option(help="The lowest value of it that still belongs.")] = None
    top_percent: Annotated[float | None, typer.Option(help="The best so many of a hundred.")] = None
    top: Annotated[int | None, typer.Option(help="The best so many.")] = None
    cost: Annotated[float | None, typer.Option(help="Of approaching one customer; with --value.")] = None
    value: Annotated[float | None, typer.Option(help="Of one purchase, or of one customer who stays; with --cost.")] = (
        None
    )
    budget: Annotated[float | None, typer.Option(help="What may be spent; with --cost and --value.")] = None
    within: Annotated[str | None, typer.Option(help="all, or stage: rank each stage's customers for themselves.")] = (
        None
    )


@app.command()
@grouped
def segment(
    name: Name,
    rule: SegmentRule,
    folder: Folder = Path(),
    file: Annotated[
        Path | None, typer.Option(help="A YAML or JSON file that says it; segments/NAME.yaml if nothing is said.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Show what it would give, and write nothing.")] = False,
) -> None:
    """Choose an audience from the last scores, keep it as a segment, and write it to audiences/NAME.csv."""
    from commands.audiences import audience_path, pick_audience, preview_audience, segment_of
    from commands.importing import now
    from commands.opened import opened_store
    from commands.segment_tables import preview_table

    chosen = segment_of(folder, name, asdict(rule), file)
    if dry_run:
        out.print(preview_table(preview_audience(folder, chosen)))
        return
    path = audience_path(folder, name)
    with opened_store(folder) as store:
        found, _ = pick_audience(store, chosen, path, now())
    out.print(preview_table(found))
    out.print(f"{found.size:,} customers in '{name}': {path}", highlight=False)


@kept.command("list")
def list_(folder: Folder = Path()) -> None:
    """List every segment with its size and what the last scores changed."""
    from commands.audiences import kept_segments
    from commands.opened import opened_store
    from commands.segment_tables import segments_table

    with opened_store(folder) as store:
        out.print(segments_table(kept_segments(store)))


@kept.command()
def show(name: Name, folder: Folder = Path(), as_json: AsJson = False) -> None:
    """Show what a segment says and what it gave."""
    from commands.audiences import kept_segment
    from commands.opened import opened_store
    from commands.segment_tables import definition_table, preview_table
    from serving.segments.preview import Preview

    with opened_store(folder) as store:
        found = kept_segment(store, name)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
        return
    out.print(definition_table(found), preview_table(Preview.from_dict(found.preview)))


@kept.command()
def delete(name: Name, folder: Folder = Path()) -> None:
    """Forget a segment and its members; a file of its audience stays."""
    from commands.audiences import forget_segment
    from commands.importing import now
    from commands.opened import opened_store

    with opened_store(folder) as store:
        forget_segment(store, name, now())
    out.print(f"Segment '{name}' is forgotten.", highlight=False, markup=False)

"""What segments look like on a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from commands.table_style import titled
from features.timestamps import to_iso
from serving.segments.preview import Preview
from serving.segments.stored import StoredSegment


def preview_table(preview: Preview) -> Table:
    """Returns what a segment gives, a line per figure."""
    table = titled(f"What '{preview.name}' gives")
    table.add_column("figure", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    table.add_row("customers", f"{preview.size:,}", f"of {preview.customers:,}; the rule holds for {preview.matched:,}")
    for each in preview.captures:
        table.add_row(
            f"{each.target} captured", f"{each.expected:,.1f}", f"{each.low:,} to {each.high:,} nine times of ten"
        )
        share = "" if each.recall is None else f"{each.recall:.1%} of all who are expected to"
        table.add_row("  false positives", f"{each.false_positives:,.1f}", share)
    if preview.worth is not None:
        worth = preview.worth
        table.add_row(
            "expected profit",
            f"{worth.profit:,.2f}",
            f"{worth.low:,.2f} to {worth.high:,.2f}, at a cost of {worth.cost:,.2f}",
        )
    if preview.opted_out or preview.held_out:
        table.add_row(
            "left out",
            f"{preview.opted_out + preview.held_out:,}",
            f"{preview.opted_out:,} opted out, {preview.held_out:,} held out",
        )
    if preview.changes is not None:
        changes = preview.changes
        table.add_row(
            "since the last time", f"{changes.kept:,} kept", f"{changes.entered:,} came, {changes.left:,} left"
        )
    return table


def segments_table(segments: Sequence[StoredSegment]) -> Table:
    """Returns a line per kept segment."""
    table = titled("Segments")
    for heading in ("segment", "customers", "came", "left", "scores of", "where"):
        table.add_column(
            heading, justify="right" if heading in ("customers", "came", "left") else "left", overflow="fold"
        )
    for stored in segments:
        preview = Preview.from_dict(stored.preview)
        moved = ("", "") if preview.changes is None else (f"{preview.changes.entered:,}", f"{preview.changes.left:,}")
        rule = Text(stored.problem or stored.segment.where, "red" if stored.problem else "")
        table.add_row(Text(stored.segment.name), f"{preview.size:,}", *moved, to_iso(stored.as_of), rule)
    return table


def definition_table(stored: StoredSegment) -> Table:
    """Returns what a segment says, a line per key."""
    table = titled(f"Segment '{stored.segment.name}'")
    table.add_column("key", no_wrap=True)
    table.add_column("", overflow="fold")
    told = {**stored.segment.to_dict(), "scores of": to_iso(stored.as_of)}
    for key, value in told.items():
        table.add_row(key, Text(str(value)))
    if stored.problem is not None:
        table.add_row("problem", Text(stored.problem, "red"))
    return table

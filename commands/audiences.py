"""What the commands about segments do: find what a segment says, preview it, keep it and write its audience."""

from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from commands.workspace import AUDIENCES, opened_store
from serving.segments.audience import audience_of, write_audience
from serving.segments.errors import SegmentError, UnknownSegmentError
from serving.segments.latest import latest_scores, table_of
from serving.segments.preview import Preview, describe
from serving.segments.segment import Segment
from serving.segments.selection import select
from serving.segments.stored import StoredSegment, delete_segment, last_members, read_segment, read_segments
from serving.segments.stored import save_segment as save
from serving.store import Store

SEGMENTS = "segments"
ENDINGS = (".yaml", ".yml", ".json")
ACTOR = "command line"


def segment_of(folder: Path, name: str, given: dict[str, Any], file: Path | None = None) -> Segment:
    """Returns the segment of a name: of a file, changed by what else is given; else of a file of that name, or as kept.

    Parameters
    ----------
    given
        The parts that a command names; None for those that it does not.
    file
        In place of ``segments/NAME.yaml`` in the folder, which counts where nothing is given.

    Raises
    ------
    SegmentError
        If nothing says whom it takes, or what says so contradicts itself.
    """
    said = {key: value for key, value in given.items() if value is not None}
    places = [folder / SEGMENTS / f"{name}{ending}" for ending in ENDINGS]
    known = file or (None if said else next((path for path in places if path.exists()), None))
    if known is not None:
        loaded = Segment.load(known)
        parts = {each.name: getattr(loaded, each.name) for each in fields(Segment)}
        return Segment(**{**parts, **said, "name": name})
    if said:
        return Segment(**{"name": name, **said})
    with opened_store(folder) as store:
        try:
            return kept_segment(store, name).segment
        except UnknownSegmentError as problem:
            raise SegmentError(
                f"nothing says whom segment '{name}' takes ({problem}); give --where or --top, or {places[0]}"
            ) from None


def preview_audience(folder: Path, segment: Segment) -> Preview:
    """Returns what a segment would give of the last scores in the folder's store; nothing is written."""
    with opened_store(folder) as store:
        return _preview(store, segment)[0]


def pick_audience(store: Store, segment: Segment, path: Path, now: int) -> tuple[Preview, pd.DataFrame]:
    """Keeps a segment with its members, writes them to a CSV file, and returns what it gave and who they are."""
    found, audience, scores, shifts = _preview(store, segment)
    save(store.database, segment, partial(table_of, scores=scores, shifts=shifts), now, ACTOR)
    write_audience(audience, path)
    return found, audience


def audience_path(folder: Path, name: str) -> Path:
    """Returns where the audience of a segment is written."""
    return folder / AUDIENCES / f"{name}.csv"


def kept_segments(store: Store) -> list[StoredSegment]:
    """Returns every segment that the store keeps."""
    with store.database.reading() as connection:
        return read_segments(connection)


def kept_segment(store: Store, name: str) -> StoredSegment:
    """Returns a segment that the store keeps."""
    with store.database.reading() as connection:
        return read_segment(connection, name)


def forget_segment(store: Store, name: str, now: int) -> None:
    """Forgets a segment and its members; the audience file stays."""
    delete_segment(store.database, name, now, ACTOR)


def _preview(store: Store, segment: Segment) -> tuple[Preview, pd.DataFrame, pd.DataFrame, dict[str, float]]:
    with store.database.reading() as connection:
        scores, shifts = latest_scores(connection)
        table, previous = table_of(connection, scores, shifts), last_members(connection, segment.name)
    selection = select(segment, table)
    return describe(segment, table, selection, previous), audience_of(scores, table, selection.members), scores, shifts

"""Writes an import as a Parquet log, its attributes and consents beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from features.errors import EventLogError
from features.sources.importing.importer import Import
from features.sources.importing.settling import LOG_SCHEMA, REVISION


def write_log(found: Import, path: Path) -> list[Path]:
    """Writes the events to a Parquet file and returns what was written; the same import gives the same files.

    ``NAME.parquet`` comes with ``NAME-attributes.parquet`` and ``NAME-consent.parquet`` if there is anything to put in
    them. A file appears when it is complete.

    Raises
    ------
    EventLogError
        If the name does not end in ``.parquet``.
    """
    if path.suffix != ".parquet":
        raise EventLogError(f"{path} is no name of a Parquet file; let it end in .parquet")
    schema = LOG_SCHEMA.remove(LOG_SCHEMA.get_field_index(REVISION))
    with (
        _complete(path) as unfinished,
        pq.ParquetWriter(unfinished, schema, compression="zstd") as writer,
    ):
        for table in found.events():
            writer.write_table(table.drop_columns([REVISION]))
    written = [path]
    for name, frame in (("attributes", found.attributes), ("consent", found.consents)):
        if len(frame):
            beside = path.with_name(f"{path.stem}-{name}.parquet")
            with _complete(beside) as unfinished:
                frame.to_parquet(unfinished, index=False)
            written.append(beside)
    return written


@contextmanager
def _complete(path: Path) -> Iterator[Path]:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)

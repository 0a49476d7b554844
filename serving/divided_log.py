"""A log that 'nextstage partition' divided: who is erased is erased from the one partition that they are in."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from features.ingest import Schema
from features.manifest import Manifest
from features.partitions import attributes_file, events_file, read_partition
from features.sources.partitioner import partition_of
from serving.parquet_rows import erase_rows


def erase_from_log(folder: Path, ids: Sequence[str]) -> int:
    """Removes customers from a divided log, with their attributes, and returns the number of rows.

    The rest is a log as before, and no longer the same data: what was begun on it is begun anew.

    Raises
    ------
    PartitionError
        If its manifest, or the partition, is damaged.
    """
    manifest, rows = Manifest.load(folder), 0
    numbers = partition_of(pa.array(ids, pa.string()), len(manifest.events)).tolist()
    for number in sorted(set(numbers)):
        own = [name for name, part in zip(ids, numbers, strict=True) if part == number]
        theirs = erase_rows(events_file(folder, number), own)
        if manifest.has_attributes:
            theirs += erase_rows(attributes_file(folder, number), own)
        if theirs:
            manifest = _without(manifest, folder, number)
            manifest.save(folder)
        rows += theirs
    return rows


def _without(manifest: Manifest, folder: Path, number: int) -> Manifest:
    """Returns the manifest after one partition was rewritten."""
    schema = Schema(None, manifest.dimensions, manifest.measures)
    log = read_partition(folder, number, schema, manifest.has_attributes)
    customers, events = list(manifest.customers), list(manifest.events)
    customers[number], events[number] = log.n_customers, log.n_events
    data_hash = hashlib.sha256(f"{manifest.data_hash} {number} {log.fingerprint()}".encode()).hexdigest()
    return replace(manifest, customers=tuple(customers), events=tuple(events), data_hash=data_hash)

"""The latest score of everybody as a Parquet table, in the order of ids."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from features.errors import StoreError
from models.scores import typed
from serving.audit import last_erasure
from serving.consents import suppressed
from serving.estimates import read_estimates, with_estimates
from serving.runs import Run, customers_among, latest_runs, read_runs, read_score_rows, standing_runs
from serving.store import Store
from serving.tables import EVENTS

BLOCK = 1_000  # customers in memory at once


class Standing(NamedTuple):
    """What may take somebody out of a table that is being written.

    Parameters
    ----------
    erasure
        The number of the last one; None before the first.
    opted_out
        Who has by then.
    """

    erasure: int | None
    opted_out: frozenset[str]

    @classmethod
    def of(cls, connection: Connection) -> "Standing":
        """Returns how things stand now."""
        return cls(last_erasure(connection), suppressed(connection, None))


def write_score_table(store: Store, run: Run, path: Path) -> Standing:
    """Writes everybody's latest scores and estimates, those of a run too, and returns how things stood when it began.

    Every block is read by itself: an erasure meanwhile cannot end while anybody reads what it erases. Whoever shows the
    table makes sure that nothing has changed since.

    Raises
    ------
    StoreError
        If nobody of whom there is a score is left.
    """
    with store.database.reading() as connection:
        standing = Standing.of(connection)
        present = customers_among(connection, EVENTS, None) - standing.opted_out
        runs = [*(standing_runs(read_runs(connection)) if run.since is not None else ()), run]
        latest, estimates = latest_runs(connection, runs), read_estimates(connection)
    scored = sorted(present & latest.keys())
    with ExitStack() as opened:
        writer = None
        for frame in _frames(store, latest, scored):
            told = with_estimates(frame.assign(model_version=run.model_version), estimates)  # of all these runs
            table = pa.Table.from_pandas(told, writer.schema if writer else None, preserve_index=False)
            writer = writer or opened.enter_context(pq.ParquetWriter(path, table.schema))
            writer.write_table(table)
    if writer is None:
        raise StoreError("nobody who was scored is left in the event store; score again")
    return standing


def _frames(store: Store, latest: dict[str, int], customers: list[str]) -> Iterator[pd.DataFrame]:
    for first in range(0, len(customers), BLOCK):
        with store.database.reading() as connection:
            rows = read_score_rows(connection, latest, customers[first : first + BLOCK])
        if rows:
            yield typed(pd.DataFrame(rows))

"""The scoring runs that are kept, with every score of each; of a run that is not finished readers see nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.json
from sqlalchemy import Connection, Table, select

from features.errors import StoreError
from features.ingest import CUSTOMER
from models.predictor import RegisteredPredictor
from models.scores import Scores, is_text, typed
from serving.database import Row, each_block, run_blocks
from serving.tables import EVENTS, LEADERS, REPORTS, RUNS, SCORECARDS, SCORES

PARSED = 16_000_000  # bytes of JSON at a time
RUNNING, FINISHED = "running", "finished"
TAKEN = "another scoring run has taken the place of this one; let one end before the next begins"


@dataclass(frozen=True)
class Run:
    """What decides every score of a run.

    Parameters
    ----------
    as_of, scored_at
        The cutoff, and when the run began, both in UTC microseconds.
    since
        Only customers with changes since then are in it, UTC microseconds; None for everybody.
    changes_seen
        The number of the last change of stored data before it began.
    """

    run_id: int
    model_name: str
    model_version: str
    as_of: int
    scored_at: int
    state: str
    since: int | None
    changes_seen: int

    @property
    def is_whole(self) -> bool:
        """Whether everybody was scored."""
        return self.since is None

    def is_by(self, model: RegisteredPredictor) -> bool:
        """Says whether this version of the model made it."""
        return (self.model_name, self.model_version) == (model.name, model.version)


def begin_run(connection: Connection, model: RegisteredPredictor, **facts: Any) -> Run:
    """Begins a run: ``as_of``, ``scored_at``, ``since`` and ``changes_seen`` as in ``Run``."""
    named = {"model_name": model.name, "model_version": model.version, "state": RUNNING}
    begun = connection.execute(RUNS.insert().values(**named, **facts).returning(*RUNS.c)).one()
    return Run(**begun._mapping)


def read_runs(connection: Connection, state: str = FINISHED) -> list[Run]:
    """Returns the runs in a state, the latest last."""
    query = select(RUNS).where(RUNS.c.state == state).order_by(RUNS.c.run_id)
    return [Run(**row._mapping) for row in connection.execute(query)]


def discard_run(connection: Connection, run: Run) -> None:
    """Removes a run and every trace of it."""
    for table in (SCORES, SCORECARDS, REPORTS, LEADERS, RUNS):
        connection.execute(table.delete().where(table.c.run_id == run.run_id))


def write_scores(connection: Connection, run: Run, scores: Scores) -> None:
    """Adds scores to a run that is not finished, one row per customer, unless the customer is gone from the store.

    Raises
    ------
    StoreError
        If another run has taken the place of this one meanwhile.
    """
    if connection.scalar(select(RUNS.c.state).where(RUNS.c.run_id == run.run_id)) != RUNNING:
        raise StoreError(TAKEN)
    ids = scores.customer_id.tolist()
    wanted = customers_among(connection, EVENTS, ids) - scored_customers(connection, run, ids)
    columns, vectors = scores.columns(), scores.vectors()
    rows: list[Row] = [
        {
            "run_id": run.run_id,
            "customer_id": customer,
            "scores": json.dumps(dict(zip(columns, row, strict=True)), allow_nan=False),
            "vectors": json.dumps(vectors[place]) if vectors else None,
        }
        for place, (customer, row) in enumerate(zip(ids, zip(*columns.values(), strict=True), strict=True))
        if customer in wanted
    ]
    run_blocks(connection, SCORES.insert(), rows)


def finish_run(connection: Connection, run: Run, left_out: Iterable[str]) -> None:
    """Shows a run to readers, without those who left the store or opted out while it went on.

    Raises
    ------
    StoreError
        If another run has taken the place of this one meanwhile.
    """
    scored = scored_customers(connection, run)
    shown = (scored & customers_among(connection, EVENTS, None)).difference(left_out)
    _leave_out(connection, SCORES, run, scored - shown)
    # who was erased meanwhile has no scores, and may have been taken for a leader before
    listed = set(connection.scalars(select(LEADERS.c.customer_id).where(LEADERS.c.run_id == run.run_id)))
    _leave_out(connection, LEADERS, run, listed - shown)
    if connection.execute(RUNS.update().where(RUNS.c.run_id == run.run_id).values(state=FINISHED)).rowcount != 1:
        raise StoreError(TAKEN)


def _leave_out(connection: Connection, table: Table, run: Run, customers: set[str]) -> None:
    for block in each_block(table.c.customer_id, sorted(customers)):
        connection.execute(table.delete().where(table.c.run_id == run.run_id, block))


def scored_customers(connection: Connection, run: Run, customer_ids: Sequence[str] | None = None) -> set[str]:
    """Returns those of some customers, or of all, whose scores a run holds."""
    query = select(SCORES.c.customer_id).where(SCORES.c.run_id == run.run_id)
    blocks = each_block(SCORES.c.customer_id, customer_ids)
    return {name for block in blocks for name in connection.scalars(query.where(block))}


def customers_among(connection: Connection, table: Table, customer_ids: Sequence[str] | None) -> set[str]:
    """Returns those of some customers, or of all, who have rows in a table."""
    query = select(table.c.customer_id).distinct()
    blocks = each_block(table.c.customer_id, customer_ids)
    return {name for block in blocks for name in connection.scalars(query.where(block))}


def standing_runs(runs: Sequence[Run]) -> list[Run]:
    """Returns the last run of everybody and the incremental ones after it: where each customer's latest score is.

    Parameters
    ----------
    runs
        The latest last.
    """
    wholes = [place for place, run in enumerate(runs) if run.is_whole]
    return list(runs[wholes[-1] :]) if wholes else []


def latest_runs(connection: Connection, runs: Sequence[Run]) -> dict[str, int]:
    """Returns for each customer the number of the last of some runs that holds a score of them."""
    return {name: run.run_id for run in runs for name in scored_customers(connection, run)}


def read_score_table(connection: Connection, runs: Sequence[Run]) -> pd.DataFrame:
    """Returns the flat columns of everybody's scores, each customer's from the last of some runs that holds one.

    The rows are in the order of ids. No row becomes an object of Python: of 100,000 that takes seconds.
    """
    query = select(SCORES.c.scores)
    texts = [connection.scalars(query.where(SCORES.c.run_id == run.run_id)).all() for run in runs]
    frames = [_columns(rows) for rows in texts if rows]
    if not frames:
        return pd.DataFrame()
    latest = pd.concat(frames, ignore_index=True).drop_duplicates(CUSTOMER, keep="last")
    return typed(latest.sort_values(CUSTOMER, ignore_index=True))


def _columns(rows: Sequence[str]) -> pd.DataFrame:
    """Returns JSON objects of the same names as columns."""
    kinds = [(name, pa.string() if is_text(name) else pa.float64()) for name in json.loads(rows[0])]
    shape = pyarrow.json.ParseOptions(explicit_schema=pa.schema(kinds))
    size = pyarrow.json.ReadOptions(block_size=PARSED)
    lines = pa.BufferReader("\n".join(rows).encode())
    return pyarrow.json.read_json(lines, size, shape).to_pandas()


def read_score_rows(
    connection: Connection, latest: dict[str, int], customer_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Returns the flat columns of customers' scores, in their order, each from the run that ``latest`` says."""
    query = select(SCORES.c.run_id, SCORES.c.customer_id, SCORES.c.scores)
    found = {
        row.customer_id: row.scores
        for block in each_block(SCORES.c.customer_id, customer_ids)
        for row in connection.execute(query.where(block, SCORES.c.run_id.in_(sorted(set(latest.values())))))
        if latest[row.customer_id] == row.run_id
    }
    return [json.loads(found[name]) for name in customer_ids if name in found]

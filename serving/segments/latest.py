"""The scores of the last run in the store, with what else is known of their customers, as segments look at them."""

import json
import threading
import time
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, func, select

from features.ingest import CUSTOMER
from features.timestamps import parse_moment
from serving.attributes import attributes_at
from serving.audit import last_erasure
from serving.consents import suppressed
from serving.estimates import read_estimates, with_estimates
from serving.persona_table import with_personas
from serving.runs import FINISHED, read_runs, read_score_table, standing_runs
from serving.segments.errors import NoScoresError
from serving.segments.table import CustomerTable
from serving.tables import CUSTOMERS, PERIOD_SHIFTS, RUNS

FRESH = 60.0  # seconds until attributes are read again


def latest_scores(connection: Connection) -> tuple[pd.DataFrame, dict[str, float]]:
    """Returns everybody's latest scores, and the period shifts of the last run's model.

    Raises
    ------
    NoScoresError
        If there is none.
    """
    runs = standing_runs(read_runs(connection))
    if not runs:
        raise NoScoresError("the store has no scores yet; run 'nextstage score' first")
    frame = read_score_table(connection, runs)
    if frame.empty:
        raise NoScoresError("everybody in the last scores has been erased; run 'nextstage score' first")
    run = runs[-1]
    c = PERIOD_SHIFTS.c
    mine = (c.model_name == run.model_name) & (c.model_version == run.model_version)
    return frame, json.loads(connection.scalar(select(c.shifts).where(mine)) or "{}")


def table_of(connection: Connection, scores: pd.DataFrame, shifts: Mapping[str, float]) -> CustomerTable:
    """Returns the table of the last run's scores, with all that is known of their customers, and who has opted out.

    That is personas, what was estimated last, and the attributes at the cutoff. Who was erased since the scores were
    read is left out.
    """
    known = pa.array(connection.scalars(select(CUSTOMERS.c.customer_id)).all(), pa.string())
    scores = scores[pc.is_in(pa.array(scores[CUSTOMER], pa.string()), known).to_numpy(zero_copy_only=False)]
    attributes = attributes_at(connection, parse_moment(scores["as_of"].max())) if len(scores) else None
    told = with_estimates(with_personas(connection, scores), read_estimates(connection))
    return CustomerTable.of(told, attributes, suppressed(connection, None), shifts)


class Latest:
    """The last table of a store: scores are kept until another run comes or somebody is erased, the rest a minute."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._scores: tuple[pd.DataFrame, dict[str, float]] | None = None
        self._table: CustomerTable | None = None
        self._known: tuple[int | None, int | None] | None = None
        self._read_at = 0.0

    def table(self, connection: Connection) -> CustomerTable:
        """Returns it, knowing who has opted out by now.

        Raises
        ------
        NoScoresError
            If there are no scores.
        """
        with self._turn:
            known = _state(connection)
            if self._scores is None or self._known != known:
                self._table, self._scores, self._known = None, latest_scores(connection), known
            if self._table is None or time.monotonic() - self._read_at > FRESH:
                self._table, self._read_at = table_of(connection, *self._scores), time.monotonic()
            return self._table.without(suppressed(connection, None))


def _state(connection: Connection) -> tuple[int | None, int | None]:
    """Returns what changes when scores come, and when somebody is erased."""
    finished = select(func.max(RUNS.c.run_id)).where(RUNS.c.state == FINISHED)
    return connection.scalar(finished), last_erasure(connection)

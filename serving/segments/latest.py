"""The scores of the last run in the store, with what else is known of their customers, as segments look at them."""

import json
import threading
import time
from collections.abc import Mapping

import pandas as pd
from sqlalchemy import Connection, func, select

from features.ingest import CUSTOMER, VALID_FROM
from models.scores import typed
from serving.attributes import read_attributes
from serving.consents import suppressed
from serving.persona_table import with_personas
from serving.segments.errors import NoScoresError
from serving.segments.table import CustomerTable
from serving.tables import RUNS, SCORES

FRESH = 60.0  # seconds until attributes are read again


def latest_scores(connection: Connection) -> tuple[pd.DataFrame, dict[str, float]]:
    """Returns the score table of the last run, and the drift of its model.

    Raises
    ------
    NoScoresError
        If there is none.
    """
    run = connection.execute(select(RUNS).order_by(RUNS.c.run_id.desc()).limit(1)).first()
    if run is None:
        raise NoScoresError("the store has no scores yet; run 'nextstage score' first")
    rows = connection.scalars(
        select(SCORES.c.scores).where(SCORES.c.run_id == run.run_id).order_by(SCORES.c.customer_id)
    )
    frame = pd.DataFrame([json.loads(row) for row in rows])
    if frame.empty:
        raise NoScoresError("everybody in the last scores has been erased; run 'nextstage score' first")
    return typed(frame), json.loads(run.drift or "{}")


def table_of(connection: Connection, scores: pd.DataFrame, drift: Mapping[str, float]) -> CustomerTable:
    """Returns the table of the last run's scores, with personas, the attributes at its cutoff, and who has opted out.

    Who was erased since the scores were read is left out.
    """
    last = select(func.max(RUNS.c.run_id)).scalar_subquery()
    known = frozenset(connection.scalars(select(SCORES.c.customer_id).where(SCORES.c.run_id == last)))
    scores = scores[scores[CUSTOMER].isin(known)]
    standing, dated = read_attributes(connection, None)
    if dated is not None and len(scores):
        held = dated[dated[VALID_FROM] <= pd.Timestamp(scores["as_of"].max())].sort_values([CUSTOMER, VALID_FROM])
        changing = held.drop_duplicates(CUSTOMER, keep="last").drop(columns=VALID_FROM)
        standing = changing if standing is None else standing.merge(changing, "outer", CUSTOMER)
    return CustomerTable.of(with_personas(connection, scores), standing, suppressed(connection, None), drift)


class Latest:
    """The last table of a store, kept until there is another run, somebody is erased, or a minute has passed."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._table: CustomerTable | None = None
        self._known: tuple[int, int] | None = None
        self._read_at = 0.0

    def table(self, connection: Connection) -> CustomerTable:
        """Returns it, knowing who has opted out by now.

        Raises
        ------
        NoScoresError
            If there are no scores.
        """
        with self._turn:
            run = connection.scalar(select(func.max(RUNS.c.run_id))) or 0
            rows = connection.scalar(select(func.count()).select_from(SCORES).where(SCORES.c.run_id == run)) or 0
            is_stale = time.monotonic() - self._read_at > FRESH
            if self._table is None or self._known != (run, rows) or is_stale:
                self._table = table_of(connection, *latest_scores(connection))
                self._known, self._read_at = (run, rows), time.monotonic()
            return self._table.without(suppressed(connection, None))

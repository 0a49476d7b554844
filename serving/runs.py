"""The scoring runs that are kept, with every score of each."""

import json

from sqlalchemy import Connection

from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving.database import Row, run_blocks
from serving.tables import RUNS, SCORES


def add_run(connection: Connection, scores: Scores, model: RegisteredPredictor, scored_at: int) -> int:
    """Keeps the scores of one run at one cutoff, one row per customer, and returns the run's key.

    Parameters
    ----------
    scored_at
        When the run took place, UTC microseconds.
    """
    facts = {"model_name": model.name, "model_version": model.version}
    run = RUNS.insert().values(**facts, as_of=int(scores.as_of.max()), scored_at=scored_at)
    key = int(connection.execute(run.returning(RUNS.c.run_id)).scalar_one())
    columns = scores.columns()
    rows: list[Row] = [
        {
            "run_id": key,
            "customer_id": customer,
            "scores": json.dumps(dict(zip(columns, row, strict=True)), allow_nan=False),
        }
        for customer, row in zip(scores.customer_id.tolist(), zip(*columns.values(), strict=True), strict=True)
    ]
    run_blocks(connection, SCORES.insert(), rows)
    return key

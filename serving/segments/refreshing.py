"""What a scoring run does at its end: every kept segment takes its members from the new scores."""

import json

from models.period_shift import period_shifts
from models.predictor import RegisteredPredictor
from serving.database import Database
from serving.segments.latest import Latest
from serving.segments.stored import refresh_segments
from serving.tables import PERIOD_SHIFTS


def after_scoring(database: Database, model: RegisteredPredictor, now: int) -> None:
    """Notes what previews must know of the model, and refreshes every segment.

    Parameters
    ----------
    now
        UTC microseconds.
    """
    version = {"model_name": model.name, "model_version": model.version}
    noted = {**version, "shifts": json.dumps(period_shifts(model.predictor.facts))}
    with database.writing() as connection:
        database.add_missing(connection, PERIOD_SHIFTS, [noted])
    refresh_segments(database, Latest().table, now)

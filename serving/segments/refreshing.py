"""What a scoring run does at its end: every kept segment takes its members from the new scores."""

import json

from models.period_shift import period_shifts
from models.predictor import RegisteredPredictor
from serving.database import Database
from serving.segments.errors import SegmentError
from serving.segments.latest import Latest
from serving.segments.preview import Preview
from serving.segments.stored import refresh_segments
from serving.tables import PERIOD_SHIFTS


def after_scoring(database: Database, model: RegisteredPredictor, now: int) -> dict[str, Preview | SegmentError]:
    """Notes what previews must know of the model, refreshes every segment, and returns what each gave, or why not.

    Parameters
    ----------
    now
        UTC microseconds.
    """
    version = {"model_name": model.name, "model_version": model.version}
    noted = {**version, "shifts": json.dumps(period_shifts(model.predictor.facts))}
    with database.writing() as connection:
        database.add_missing(connection, PERIOD_SHIFTS, [noted])
    return refresh_segments(database, Latest().table, now)

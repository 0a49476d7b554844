"""What the customers of the shared log did and are expected to do. Data is synthetic."""

import numpy as np
import pytest

from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving.reports.expected import Expected
from serving.reports.observed import Observed, concatenate, observe


@pytest.fixture(scope="session")
def journey(model: RegisteredPredictor) -> Journey:
    return model.predictor.journey


@pytest.fixture(scope="session")
def observed(log: EventLog, journey: Journey, cutoff: int) -> Observed:
    """What the customers did, seen in three blocks."""
    blocks = np.array_split(np.arange(log.n_customers), 3)
    return concatenate([observe(log.select(block), journey, cutoff) for block in blocks])


@pytest.fixture(scope="session")
def scores(model: RegisteredPredictor, log: EventLog, cutoff: int) -> Scores:
    return model.predictor.score(log, Snapshots.at(log, cutoff))


@pytest.fixture(scope="session")
def expected(scores: Scores, journey: Journey) -> Expected:
    return Expected.of(scores, journey)

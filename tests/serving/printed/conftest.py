"""A report with hostile names, and whom it is drawn for. Data is synthetic."""

import pytest

from features.journey import Journey
from serving.printed.reader import Reader
from tests.serving.scored import ScoredStore


@pytest.fixture(scope="session")
def journey(scored: ScoredStore) -> Journey:
    return scored.scorer.model.predictor.journey


@pytest.fixture(scope="session")
def reader(journey: Journey) -> Reader:
    return Reader(journey, "en")

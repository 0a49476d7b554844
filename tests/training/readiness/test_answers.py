import numpy as np

from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots, regular_cutoffs
from features.targets import Churn, NextStage, Purchase
from tests.training.readiness.conftest import HORIZON
from training.readiness.answers import answers_at


def test_answers_are_those_that_training_learns(log: EventLog, journey: Journey) -> None:
    step = 28 * 86_400_000_000
    rows = Snapshots.grid(log, regular_cutoffs(log.start, log.end, step))
    by_name = {answers.target: answers for answers in answers_at(log, journey, HORIZON, rows)}
    assert by_name.keys() == {"next_stage_28d", "churn_28d", "purchase_28d"}
    for target in (NextStage(), Churn(), Purchase()):
        found = by_name[f"{target.kind}_{HORIZON}"]
        assert np.array_equal(found.y, target.labels(log, journey, rows, HORIZON))
        assert found.classes == target.classes(journey)


def test_only_known_answers_are_counted(log: EventLog, journey: Journey) -> None:
    rows = Snapshots.grid(log, np.array([log.end - 40 * 86_400_000_000, log.end]))
    for answers in answers_at(log, journey, HORIZON, rows):
        everyone = np.ones(len(rows), dtype=bool)
        assert answers.counts(everyone).sum() == answers.known.sum() > 0
        assert not answers.known[rows.cutoff == log.end].any()
        assert answers.counts(rows.cutoff == log.end).sum() == 0

import numpy as np

from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from models.predictor import RegisteredPredictor
from models.scores import Scores
from serving.reports.attribution import concatenate, paths_until
from serving.reports.expected import Expected
from serving.reports.gathering import Gathering
from serving.reports.observed import observe
from serving.reports.run_report import run_report


def test_blocks_make_the_report_of_the_whole(
    log: EventLog, journey: Journey, cutoff: int, model: RegisteredPredictor, scores: Scores
) -> None:
    gathering = Gathering(journey, cutoff)
    for block in np.array_split(np.arange(log.n_customers), 4):
        part = log.select(block)
        gathering.add(part, model.predictor.score(part, Snapshots.at(part, cutoff)))
    paths = concatenate([paths_until(log, journey, cutoff)])
    observed = observe(log, journey, cutoff)
    personas = {customer: f"P{1 + place % 2}" for place, customer in enumerate(observed.customers[1:])}
    own = np.array([None, *personas.values()], dtype=object)
    whole = run_report(observed, Expected.of(scores, journey), paths, own, journey)
    assert gathering.report(personas) == whole

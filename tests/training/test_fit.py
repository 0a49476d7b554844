import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.snapshots import Snapshots
from features.vocabulary import Vocabulary
from models.hazards import Bins
from models.ranking import Ranking
from tests.conftest import RECIPE
from training.fit import fit_target, fitted_rows, grower
from training.train import Training, ask


def test_no_fitted_row_reaches_behind_the_end_of_the_fit(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    data, periods = question.dataset(log), question.periods
    for target in question.targets:
        X, y = fitted_rows(data, target, periods)
        ends = np.array(Bins.up_to(target.horizons).edges)[X[:, -1].astype(int)]
        asked = len(np.unique(data.cutoff[data.cutoff <= periods.fitted_until - ends.min()]))
        assert len(X) == len(y) > asked
        assert set(np.unique(y)) <= set(range(1 + len(target.causes(journey))))


def test_ranks_are_among_who_is_asked_at_the_last_cutoff_at_every_horizon(training: Training, log: EventLog) -> None:
    predictor, reference = training.predictor, training.predictor.reference
    assert reference is not None
    scores = predictor.score(log, Snapshots.grid(log, np.array([reference.cutoff])))
    columns = scores.columns()
    for kind in ("churn", "purchase"):
        for horizon in RECIPE.horizons:
            chances = np.array([chance for chance in columns[f"{kind}_{horizon}"] if chance is not None])
            places = [place for place in columns[f"{kind}_{horizon}_percentile"] if place is not None]
            assert len(chances) > 50
            assert places == Ranking.of(chances).percentiles(chances).tolist()
            assert max(places) == 100
    for scored in scores.targets:
        assert len(scored.rankings) == (len(RECIPE.horizons) if scored.target.kind != "next_stage" else 0)


def test_a_target_without_enough_rows_is_refused_before_anything_is_grown(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    few = question.dataset(log.select(np.arange(3)))
    with pytest.raises(TrainingError, match="rows in the training and calibration period and needs 200"):
        fit_target(question, few, few, question.targets[0], question.periods, grower(question, few, RECIPE).target)

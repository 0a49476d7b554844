import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.vocabulary import Vocabulary
from models.hazards import Bins
from tests.conftest import RECIPE
from training.fit import fit_target, fitted_rows, grower
from training.train import ask


def test_no_fitted_row_reaches_behind_the_end_of_the_fit(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    data, periods = question.dataset(log), question.periods
    for target in question.targets:
        X, y = fitted_rows(data, target, periods)
        ends = np.array(Bins.up_to(target.horizons).edges)[X[:, -1].astype(int)]
        asked = len(np.unique(data.cutoff[data.cutoff <= periods.fitted_until - ends.min()]))
        assert len(X) == len(y) > asked
        assert set(np.unique(y)) <= set(range(1 + len(target.causes(journey))))


def test_a_target_without_enough_rows_is_refused_before_anything_is_grown(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    few = question.dataset(log.select(np.arange(3)))
    with pytest.raises(TrainingError, match="rows in the training and calibration period and needs 200"):
        fit_target(question, few, few, question.targets[0], question.periods, grower(question, few, RECIPE).target)

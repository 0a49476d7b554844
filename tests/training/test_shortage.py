from dataclasses import replace

import numpy as np
import pytest

from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey
from features.vocabulary import Vocabulary
from tests.conftest import RECIPE
from training.backtest import run_backtest
from training.shortage import baseline_model, shortages
from training.train import ask


def test_a_long_log_of_many_customers_lacks_nothing(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    assert shortages(question, question.dataset(log)) == {}


def test_what_lacks_says_how_many_rows_there_are(log: EventLog, journey: Journey) -> None:
    few = log.select(np.arange(40))
    question = ask(Vocabulary.of(few), few, journey, RECIPE)
    found = shortages(question, question.dataset(few))
    assert found
    assert all(sentence.startswith(f"{kind}_28d has ") for kind, sentence in found.items())


def test_the_baseline_learns_only_what_is_known_by_then(log: EventLog, journey: Journey) -> None:
    question = ask(Vocabulary.of(log), log, journey, RECIPE)
    data, periods = question.dataset(log), question.periods
    later = data.cutoff > periods.calibrated_until
    for target in question.targets:
        model = baseline_model(question, data, target, periods)
        earlier = baseline_model(question, data.take(~later), target, periods)
        assert model.basis == "baseline"
        assert model.to_dict() == earlier.to_dict()
        probabilities = model.predict_proba(data.matrices["nextstage"][:50], data.stage[:50])
        assert np.allclose(probabilities.sum(axis=2), 1.0, rtol=0, atol=1e-9)


def test_a_backtest_of_too_little_is_refused(log: EventLog, journey: Journey) -> None:
    with pytest.raises(TrainingError, match="bring more customers or a longer history"):
        run_backtest(log.select(np.arange(5)), journey, replace(RECIPE), folds=1)

from dataclasses import replace

import pytest

from features.durations import DAY
from features.errors import TrainingError
from features.events import EventLog
from features.journey import Journey, load_journey
from features.timestamps import to_iso
from models.predictor import Predictor, RegisteredPredictor
from tests.conftest import RECIPE
from training.comparison import Comparison, compare
from training.train import Training, train


def nobody_asks() -> EventLog:
    raise AssertionError("the events are read although nothing is compared")


def beside(challenger: Predictor, champion: Predictor) -> Comparison:
    one, other = (RegisteredPredictor(each, "shop", str(number)) for number, each in ((2, challenger), (1, champion)))
    return compare(one, other, nobody_asks)


def knowing(predictor: Predictor, **facts: object) -> Predictor:
    return replace(predictor, facts={**predictor.facts, **facts})


def test_a_newer_version_of_the_same_recipe_is_not_measured_again(training: Training) -> None:
    older = knowing(training.predictor, end=training.predictor.facts["end"] - DAY)
    found = beside(training.predictor, older)
    assert not found.is_worse
    assert found.sentence == f"made as version 1 was, from data up to {to_iso(training.predictor.facts['end'])}"
    assert found.to_dict() == {"sentence": found.sentence, "is_worse": False}


def test_a_version_of_older_events_does_not_replace_one_of_newer_events(training: Training) -> None:
    older = knowing(training.predictor, end=training.predictor.facts["end"] - DAY)
    found = beside(older, training.predictor)
    assert found.is_worse
    assert found.sentence.startswith("its events end at 2024-10-")


def test_baselines_do_not_replace_models(training: Training, log: EventLog, journey: Journey) -> None:
    """A feed that broke leaves too few events to learn from; the champion that learnt of more stays."""
    poor = train(log.until(log.start + 60 * DAY), journey, RECIPE).predictor
    found = beside(poor, training.predictor)
    assert found.is_worse
    assert found.sentence == "churn, next_stage, purchase had a model in version 1 and now only a baseline"
    assert "now only a baseline" not in beside(training.predictor, poor).sentence


def test_another_journey_cannot_be_compared(training: Training) -> None:
    other = replace(training.predictor, journey=load_journey("ecommerce"))
    assert beside(training.predictor, other).is_worse


def test_events_that_do_for_no_backtest_say_so(training: Training, log: EventLog) -> None:
    other = knowing(training.predictor, recipe=replace(RECIPE, options=replace(RECIPE.options, rounds=3)).to_dict())
    one, two = (RegisteredPredictor(each, "shop", "1") for each in (training.predictor, other))
    with pytest.raises(TrainingError, match="too short for horizons"):
        compare(one, two, lambda: log.until(log.start + 60 * DAY))

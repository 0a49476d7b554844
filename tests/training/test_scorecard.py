import json

import pytest

from features.events import EventLog
from features.journey import Journey
from models.bootstrap import Resampling
from tests.training.test_backtest import RECIPE
from training.backtest import Backtest, run_backtest
from training.recipe import MODEL
from training.result import DECISIVE
from training.scorecard import Scorecard, describe_backtest, scorecards


@pytest.fixture(scope="module")
def backtest(log: EventLog, journey: Journey) -> Backtest:
    return run_backtest(log, journey, RECIPE, folds=2)


@pytest.fixture(scope="module")
def cards(backtest: Backtest, journey: Journey, log: EventLog) -> tuple[Scorecard, ...]:
    groups = {customer: f"half {place % 2}" for place, customer in enumerate(log.customers)}
    return scorecards(backtest, journey.stage_names, groups, Resampling(replicates=40))


def test_every_target_and_horizon_has_a_card(cards: tuple[Scorecard, ...]) -> None:
    kinds = ("next_stage", "churn", "purchase")
    assert [card.name for card in cards] == [f"{kind}_{horizon}" for kind in kinds for horizon in ("7d", "28d")]
    assert [card.is_main for card in cards] == [False, True] * 3


def test_intervals_hold_the_pooled_figures(cards: tuple[Scorecard, ...]) -> None:
    for card in cards:
        assert {interval.metric for interval in card.intervals} >= {"log_loss"}
        for interval in card.intervals:
            assert interval.low <= interval.value <= interval.high
            assert interval.value == pytest.approx(card.metrics[MODEL][interval.metric])


def test_groups_and_stages_have_figures_of_their_own(cards: tuple[Scorecard, ...], backtest: Backtest) -> None:
    for card in cards:
        halves = [card.by_group[name]["rows"] for name in ("half 0", "half 1")]
        assert sum(halves) == card.rows
        stages = {name: figures for name, figures in card.by_group.items() if name.startswith("stage ")}
        assert 0 < sum(figures["rows"] for figures in stages.values()) <= card.rows
        assert len(card.by_fold) == len(backtest.folds)


def test_deciles_add_up_to_what_happened(cards: tuple[Scorecard, ...], backtest: Backtest) -> None:
    for card, result in zip(cards, backtest.pooled, strict=True):
        assert bool(card.deciles) == (result.target.kind != "next_stage")
        assert not card.deciles or sum(decile.actual for decile in card.deciles) == result.y.sum()
        assert {against.difference.metric for against in card.grade.against} == set(DECISIVE[result.target.kind])


def test_a_backtest_is_plain_data(backtest: Backtest, cards: tuple[Scorecard, ...]) -> None:
    told = describe_backtest(backtest, cards)
    assert json.loads(json.dumps(told, allow_nan=False))["scorecards"].keys() == {card.name for card in cards}

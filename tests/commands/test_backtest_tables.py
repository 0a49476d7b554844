"""Tables of a backtest are read in a terminal: nothing may be cut off at eighty characters."""

import pytest

from commands.backtest_tables import contest_table, decile_table, parts_table, scorecard_table
from features.events import EventLog
from features.journey import Journey
from models.bootstrap import Difference, Resampling
from tests.commands.eighty_columns import shown
from tests.training.test_backtest import RECIPE
from training.backtest import run_backtest
from training.scorecard import Scorecard, scorecards
from training.verdict import ContestOutcome, Verdict


@pytest.fixture(scope="module")
def cards(log: EventLog, journey: Journey) -> tuple[Scorecard, ...]:
    groups = {customer: f"household_size {1 + place % 2}" for place, customer in enumerate(log.customers)}
    return scorecards(run_backtest(log, journey, RECIPE, 2), journey.stage_names, groups, Resampling(replicates=20))


def test_every_grade_stands_beside_the_figures_and_the_calibration_error(cards: tuple[Scorecard, ...]) -> None:
    lines = shown(scorecard_table(cards))
    for card in cards:
        (line,) = [line for line in lines if line.split()[:1] == [card.name]]
        against = card.grade.against[0]
        assert line.split()[1] == card.grade.letter
        assert f"{against.difference.against:.4f} {against.baseline}" in line
    assert len([line for line in lines if line.startswith("ECE ") and line.endswith("by chance")]) == len(cards)


def test_folds_stages_and_groups_are_all_there(cards: tuple[Scorecard, ...]) -> None:
    churn = next(card for card in cards if card.name == "churn_28d")
    lines = shown(parts_table(churn))
    model = churn.by_fold[0]["nextstage"]["auc"]
    best = max(figures["auc"] for name, figures in churn.by_fold[0].items() if name != "nextstage")
    assert any(line.startswith("fold 1") and f"{model:.4f} ({best:.4f})" in line for line in lines)
    assert {"household_size 1", "household_size 2"} <= churn.by_group.keys()
    for name, figures in churn.by_group.items():
        assert any(line.startswith(name) and f"{figures['brier']:.4f}" in line for line in lines)


def test_deciles_say_what_was_expected_and_what_came(cards: tuple[Scorecard, ...]) -> None:
    churn = next(card for card in cards if card.name == "churn_28d")
    lines = shown(decile_table(churn))
    assert any(line.split()[:1] == ["1"] and f"{churn.deciles[0].actual:,}" in line.split() for line in lines)


def test_a_contest_says_where_the_challenger_is_better() -> None:
    better = Difference("auc", 0.80, 0.75, 0.01, 0.09, 0.95, 1.0)
    unsure = Difference("log_loss", 0.80, 0.79, -0.01, 0.03, 0.95, 0.8)
    lines = shown(contest_table(Verdict((ContestOutcome("next_stage_28d", (better, unsure)),))))
    assert any(
        line.split() == ["next_stage_28d", "AUC", "0.8000", "0.7500", "+0.0100", "to", "+0.0900", "better"]
        for line in lines
    )
    assert any(line.endswith("not sure") for line in lines)

import re
from dataclasses import replace

import pytest

from tests.conftest import RECIPE
from training.card import model_card, shortened
from training.grades import grade_results
from training.recipe import MODEL
from training.train import Training


@pytest.fixture(scope="module")
def card(training: Training) -> str:
    return model_card(training)


def test_every_model_of_every_target_and_horizon_has_its_figures(card: str, training: Training) -> None:
    for result in training.results:
        section = card.split(f"### {result.name}\n")[1].split("\n#")[0]
        rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")][2:]
        assert rows == [f"**{MODEL}**", *(name for name in result.metrics if name != MODEL)]
        decisive = "log_loss" if result.target.kind == "next_stage" else "auc"
        value = f"{result.metrics[MODEL][decisive]:.4f}"
        assert re.search(rf"{value} \(\d\.\d{{4}} to \d\.\d{{4}}\)", section)
        assert f"{result.metrics[MODEL]['ece']:.4f}" in section


def test_the_card_names_data_periods_journey_and_limits(card: str, training: Training) -> None:
    facts = training.predictor.facts
    assert facts["data_hash"] in card
    assert facts["periods"]["test"] in card
    assert f"{facts['events']:,}" in card
    for stage in training.predictor.journey.stage_names:
        assert f"| {stage} " in card
    assert "purchase at least 9 times within 28d" in card
    assert "## What it must not be used for" in card
    assert training.predictor.fingerprint in card


def test_deciles_are_those_of_churn_and_purchase_at_the_main_horizon(card: str) -> None:
    assert re.findall(r"## Deciles of (\w+)", card) == [f"churn_{RECIPE.horizon}", f"purchase_{RECIPE.horizon}"]


def test_spending_stands_beside_its_baselines(card: str, training: Training) -> None:
    section = card.split("## Expected spend beside its baselines")[1].split("\n## ")[0]
    for name, by_model in training.predictor.facts["spend_metrics"].items():
        for model in by_model:
            assert re.search(rf"^\| {name} +\| {model} +\|", section, flags=re.MULTILINE)


def test_every_table_has_as_many_cells_in_each_row(card: str) -> None:
    for block in re.findall(r"(?:^\|.*\|$\n?)+", card, flags=re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_a_card_is_the_same_every_time(card: str, training: Training) -> None:
    assert model_card(training) == card


def test_a_horizon_that_could_not_be_measured_has_no_letter(training: Training) -> None:
    kept = tuple(result for result in training.results if result.name != "churn_90d")
    measured = grade_results(kept)
    card = model_card(replace(training, results=kept).noting(grades=measured))
    row = next(line for line in card.splitlines() if line.startswith("| churn "))
    letters = [cell.strip() for cell in row.strip("|").split("|")]
    assert letters == ["churn", *(measured[f"churn_{horizon}"]["grade"] for horizon in ("7d", "14d", "28d")), ""]


def test_a_shortened_card_ends_between_two_sections_and_says_where_the_rest_is(card: str) -> None:
    short = shortened(card, 5_000, "the run's model_card.md")
    assert len(short) <= 5_000
    assert card.startswith(short.removesuffix("\nThe rest is in the run's model_card.md.\n"))
    assert "## Grades" in short
    assert "## What it must not be used for" in short
    assert shortened("# Short\n", 5_000, "nowhere") == "# Short\n"

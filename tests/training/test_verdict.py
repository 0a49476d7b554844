import json

import numpy as np
import pytest

from features.arrays import Floats, Ints
from models.bootstrap import Difference, Resampling, paired_bootstrap
from training.verdict import Contest, ContestOutcome, Decision, Verdict, judge

FEW = Resampling(replicates=200)
BETTER = Difference("auc", 0.80, 0.75, 0.01, 0.09, 0.95, 1.0)
UNSURE = Difference("auc", 0.80, 0.79, -0.01, 0.03, 0.95, 0.8)
WORSE = Difference("brier", 0.20, 0.15, 0.01, 0.09, 0.95, 0.0)


def two_classes(yes: Floats) -> Floats:
    return np.column_stack([1 - yes, yes])


def contest(challenger: Floats, champion: Floats, y: Ints) -> Contest:
    return Contest("churn_28d", ("auc", "brier"), y, np.arange(len(y)) // 2, challenger, champion)


@pytest.mark.parametrize(
    ("differences", "decision"),
    [
        ([[BETTER], [UNSURE]], "promote"),
        ([[UNSURE], [UNSURE]], "no clear difference"),
        ([[BETTER, WORSE], [UNSURE]], "keep"),
        ([[BETTER], [WORSE]], "keep"),
    ],
)
def test_one_loss_keeps_the_champion_and_one_gain_promotes(
    differences: list[list[Difference]], decision: Decision
) -> None:
    verdict = Verdict(tuple(ContestOutcome(f"target_{place}", tuple(row)) for place, row in enumerate(differences)))
    assert verdict.decision == decision


def test_the_reason_names_targets_metrics_and_figures() -> None:
    both = Verdict((ContestOutcome("churn_28d", (BETTER, WORSE)),)).reason
    assert both.startswith("keep the champion: the challenger is worse in churn_28d brier 0.2000 against 0.1500")
    assert "though better in churn_28d auc 0.8000 against 0.7500" in both
    assert Verdict((ContestOutcome("churn_28d", (BETTER,)),)).reason.startswith(
        "promote the challenger: better in churn_28d"
    )
    assert Verdict((ContestOutcome("churn_28d", (UNSURE,)),)).reason.endswith("every interval holds zero")


def test_a_challenger_that_knows_more_is_promoted_and_one_that_knows_less_is_not() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0.05, 0.95, 3_000)
    y = (rng.random(3_000) < truth).astype(np.int64)
    blind = two_classes(np.where(np.arange(3_000) % 2, truth, 0.5))
    assert judge([contest(two_classes(truth), blind, y)], FEW).decision == "promote"
    assert judge([contest(blind, two_classes(truth), y)], FEW).decision == "keep"
    assert judge([contest(blind, blind, y)], FEW).decision == "no clear difference"


def test_outcomes_are_paired_differences_and_plain_data() -> None:
    rng = np.random.default_rng(2)
    this, that = (two_classes(rng.uniform(0.05, 0.95, 100)) for _ in range(2))
    y = np.arange(100) % 2
    verdict = judge([contest(this, that, y)], FEW)
    expected = paired_bootstrap((this, that), y, np.arange(100) // 2, ("auc", "brier"), FEW)
    assert verdict.outcomes == (ContestOutcome("churn_28d", tuple(expected.values())),)
    data = json.loads(json.dumps(verdict.to_dict()))
    assert (data["decision"], data["targets"][0]["target"]) == (verdict.decision, "churn_28d")
    assert data["targets"][0]["differences"][0]["low"] == expected["auc"].low

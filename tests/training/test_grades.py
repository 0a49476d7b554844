import json
from typing import Literal

import numpy as np
import pytest

from features.arrays import Floats, Ints
from models.bootstrap import Difference, Resampling
from models.chance import is_calibrated
from training.grades import Against, Grade, grade, grade_results
from training.recipe import MODEL
from training.result import DECISIVE
from training.train import Training

FEW = Resampling(replicates=200)


def two_classes(yes: Floats) -> Floats:
    return np.column_stack([1 - yes, yes])


def drawn(rows: int, seed: int = 1) -> tuple[Floats, Ints, Ints]:
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.05, 0.95, rows)
    return truth, (rng.random(rows) < truth).astype(np.int64), np.arange(rows) // 2


def half_blind(truth: Floats) -> Floats:
    return two_classes(np.where(np.arange(len(truth)) % 2, truth, 0.5))


def test_clearly_better_and_calibrated_is_an_a() -> None:
    truth, y, customers = drawn(4_000)
    baselines = {"prevalence": two_classes(np.full(4_000, 0.5)), "chain": half_blind(truth)}
    found = grade(two_classes(truth), baselines, y, customers, ("auc", "brier"), FEW)
    assert found.letter == "A"
    assert [entry.baseline for entry in found.against] == ["chain", "chain"]
    assert found.reason.startswith("A: better than the best baseline in auc 0.")
    assert found.calibration_error < 2 * found.expected_by_chance


def test_clearly_better_but_not_calibrated_is_a_b() -> None:
    truth, y, customers = drawn(4_000)
    found = grade(two_classes(truth**1.5), {"chain": half_blind(truth)}, y, customers, ("auc", "brier"), FEW)
    assert found.letter == "B"
    assert "but not well calibrated, calibration error 0.0" in found.reason


def test_ahead_everywhere_but_beyond_doubt_only_somewhere_is_a_b() -> None:
    truth, y, customers = drawn(4_000)
    steep = 1 / (1 + np.exp(-2.0 * np.log(truth / (1 - truth))))
    right = np.flatnonzero((steep > 0.5) == y)[[0, 500]]
    steep[right] = 1 - steep[right]  # two answers fewer
    found = grade(two_classes(truth), {"steep": two_classes(steep)}, y, customers, ("log_loss", "accuracy"), FEW)
    assert found.letter == "B"
    assert "but not beyond doubt in accuracy" in found.reason
    assert "calibrated" not in found.reason


def test_level_with_a_baseline_is_not_ahead_of_it() -> None:
    truth, y, customers = drawn(1_000)
    steep = two_classes(truth**2 / (truth**2 + (1 - truth) ** 2))
    found = grade(two_classes(truth), {"steep": steep}, y, customers, ("log_loss", "accuracy"), FEW)
    assert found.against[0].difference.is_better
    assert found.letter == "C"


def test_nothing_beyond_doubt_is_a_c() -> None:
    truth, y, customers = drawn(60, seed=3)
    nudged = two_classes(truth * 0.999 + 0.0005)
    found = grade(two_classes(truth), {"near": nudged}, y, customers, ("log_loss",), FEW)
    assert found.letter == "C"
    assert found.reason.startswith("C: no better than its baseline, by log_loss")


def test_behind_in_one_metric_is_a_c_however_good_the_others() -> None:
    truth, y, customers = drawn(4_000)
    steep = two_classes(truth**4)  # ranks perfectly and means nothing
    found = grade(steep, {"chain": half_blind(truth)}, y, customers, ("auc", "brier"), FEW)
    assert found.against[0].difference.is_better
    assert found.letter == "C"
    assert "brier" in found.reason
    assert "auc" not in found.reason


def test_each_metric_has_its_own_best_baseline() -> None:
    truth, y, customers = drawn(2_000)
    baselines = {"ranks": two_classes(truth**4), "means": half_blind(truth)}
    found = grade(two_classes(truth), baselines, y, customers, ("auc", "brier"), FEW)
    assert [entry.baseline for entry in found.against] == ["ranks", "means"]


def test_more_classes_are_graded_too() -> None:
    rng = np.random.default_rng(4)
    truth = rng.dirichlet(np.full(4, 0.5), 2_000)
    y = (truth.cumsum(axis=1) < rng.random((2_000, 1))).sum(axis=1).clip(max=3)
    baselines = {"prevalence": np.full((2_000, 4), 0.25)}
    assert grade(truth, baselines, y, np.arange(2_000), ("log_loss", "accuracy"), FEW).letter == "A"


@pytest.mark.parametrize(
    ("error", "by_chance", "good"),
    [(0.02, 0.001, True), (0.0201, 0.001, False), (0.05, 0.025, True), (0.0501, 0.025, False)],
)
def test_calibrated_is_within_two_hundredths_or_twice_chance(error: float, by_chance: float, good: bool) -> None:
    assert is_calibrated(error, by_chance) is good


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_a_grade_is_plain_data_with_its_reason(letter: Literal["A", "B", "C"]) -> None:
    against = Against("markov", Difference("auc", 0.8, 0.75, -0.01, 0.09, 0.95, 0.9))
    data = json.loads(json.dumps(Grade(letter, (against,), 0.01, 0.008).to_dict()))
    assert (data["grade"], data["against"][0]["baseline"]) == (letter, "markov")
    assert data["reason"].startswith(f"{letter}: ")
    assert "auc 0.8000 against 0.7500 of markov" in data["reason"]


def test_every_result_of_a_training_run_has_its_grade(training: Training) -> None:
    graded = grade_results(training.results, FEW)
    assert list(graded) == [result.name for result in training.results]
    for result in training.results:
        entry = graded[result.name]
        assert entry["reason"].startswith(f"{entry['grade']}: ")
        assert [against["metric"] for against in entry["against"]] == list(DECISIVE[result.target.kind])
        assert entry["calibration_error"] == result.metrics[MODEL]["ece"]
        if result.lost_to():
            assert entry["grade"] == "C"

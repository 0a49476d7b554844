"""Grades a model A, B or C by what it adds to the best baseline, and whether its probabilities can be believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from features.arrays import Floats, Ints
from models.bootstrap import USUAL, Difference, Resampling, paired_bootstrap
from models.chance import expected_by_chance, is_calibrated
from models.metrics import evaluate, expected_calibration_error, is_better
from training.recipe import MODEL
from training.result import DECISIVE, Result


@dataclass(frozen=True)
class Against:
    """A decisive metric beside the baseline that is best in it."""

    baseline: str
    difference: Difference

    def describe(self) -> str:
        """Returns it as words."""
        return self.difference.describe(f" of {self.baseline}")


@dataclass(frozen=True)
class Grade:
    """A letter and its reasons.

    **C**, no better than its baseline: in some decisive metric it is not ahead of the best baseline, or in none it is
    ahead beyond the paired bootstrap interval. It cannot be promoted. **B**: ahead in every decisive metric, in at
    least one with the whole interval. **A**: with the whole interval in every one, and calibrated: the expected
    calibration error is at most 0.02, or at most twice what chance alone makes on as many rows.

    Parameters
    ----------
    against
        One entry per decisive metric. The best baseline is the best on these very rows, which favours the baseline.
    """

    letter: Literal["A", "B", "C"]
    against: tuple[Against, ...]
    calibration_error: float
    expected_by_chance: float

    @property
    def is_calibrated(self) -> bool:
        """Whether the calibration error is small, or hardly more than chance makes."""
        return is_calibrated(self.calibration_error, self.expected_by_chance)

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        calibration = (
            f"calibration error {self.calibration_error:.4f} where chance alone makes {self.expected_by_chance:.4f}"
        )
        if self.letter == "A":
            return f"A: better than the best baseline in {_listed(self.against)}; {calibration}"
        behind = [entry for entry in self.against if not entry.difference.is_ahead]
        unsure = [entry for entry in self.against if not entry.difference.is_better]
        if self.letter == "B":
            doubt = [f"not beyond doubt in {_listed(unsure)}"] if unsure else []
            poor = [] if self.is_calibrated else [f"not well calibrated, {calibration}"]
            return f"B: ahead of the best baseline in every decisive metric, but {'; '.join(doubt + poor)}"
        return f"C: no better than its baseline, by {_listed(behind or unsure)}"

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data."""
        return {
            "grade": self.letter,
            "reason": self.reason,
            "against": [{"baseline": entry.baseline, **entry.difference.to_dict()} for entry in self.against],
            "calibration_error": self.calibration_error,
            "expected_by_chance": self.expected_by_chance,
        }


def grade(
    model: Floats,
    baselines: Mapping[str, Floats],
    y: Ints,
    customers: Ints,
    decisive: Sequence[str],
    resampling: Resampling = USUAL,
) -> Grade:
    """Returns the grade of a model on rows that neither it nor the baselines have seen.

    Parameters
    ----------
    model
        Calibrated probabilities, shape (rows, classes).
    baselines
        Those of each baseline by its name, of the same shape; at least one.
    y
        Class codes, shape (rows,).
    customers
        Any integer per customer, shape (rows,).
    decisive
        The metrics that count, names of ``models.metrics.evaluate``.
    """
    figures = {name: evaluate(probabilities, y) for name, probabilities in baselines.items()}
    against = []
    for metric in decisive:
        best = _best(metric, figures)
        differences = paired_bootstrap((model, baselines[best]), y, customers, [metric], resampling)
        against.append(Against(best, differences[metric]))
    error, chance = expected_calibration_error(model, y), expected_by_chance(model, resampling.seed)
    letter = _letter([entry.difference for entry in against], is_calibrated(error, chance))
    return Grade(letter, tuple(against), error, chance)


def grade_results(results: Sequence[Result], resampling: Resampling = USUAL) -> dict[str, dict[str, Any]]:
    """Returns the grade of each target and horizon as plain data, by names such as ``churn_28d``."""
    return {result.name: _grade_result(result, resampling).to_dict() for result in results}


def _grade_result(result: Result, resampling: Resampling) -> Grade:
    baselines = {name: given for name, given in result.probabilities.items() if name != MODEL}
    customers = np.unique(result.customer, return_inverse=True)[1]
    decisive = DECISIVE[result.target.kind]
    return grade(result.probabilities[MODEL], baselines, result.y, customers, decisive, resampling)


def _letter(differences: Sequence[Difference], calibrated: bool) -> Literal["A", "B", "C"]:
    surely = [difference.is_better for difference in differences]
    if not all(difference.is_ahead for difference in differences) or not any(surely):
        return "C"
    return "A" if all(surely) and calibrated else "B"


def _best(metric: str, figures: Mapping[str, Mapping[str, float]]) -> str:
    best, *others = figures
    for name in others:
        if is_better(metric, figures[name][metric], figures[best][metric]):
            best = name
    return best


def _listed(entries: Sequence[Against]) -> str:
    return ", ".join(entry.describe() for entry in entries)

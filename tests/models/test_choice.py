import json
from collections.abc import Callable

import numpy as np
import pytest

from features.arrays import Floats, Ints
from models.calibration import KINDS, Identity
from models.choice import choose_calibrator


def two_classes(yes: Floats) -> Floats:
    return np.column_stack([1 - yes, yes])


def drawn(rows: int, seed: int) -> tuple[Floats, Ints, Ints]:
    """True probabilities, answers that follow them, and customers of four rows each."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.02, 0.98, rows)
    return truth, (rng.random(rows) < truth).astype(np.int64), np.arange(rows) // 4


def logistic(truth: Floats, slope: float, bias: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(slope * np.log(truth / (1 - truth)) + bias))))


@pytest.mark.parametrize(
    ("kind", "distorted"),
    [
        ("identity", lambda truth: truth),
        ("temperature", lambda truth: logistic(truth, 2.0, 0.0)),
        ("bias_corrected_temperature", lambda truth: logistic(truth, 2.0, 1.0)),
        ("isotonic", lambda truth: np.where(truth < 0.5, truth**3, 0.6 + 0.4 * truth)),
    ],
)
def test_the_kind_that_fits_the_distortion_is_chosen(kind: str, distorted: Callable[[Floats], Floats]) -> None:
    truth, y, customers = drawn(12_000, 5)
    choice = choose_calibrator(two_classes(distorted(truth)), y, customers, seed=1)
    assert choice.calibrator.kind == kind


def test_the_chosen_kind_is_fitted_on_all_rows() -> None:
    truth, y, customers = drawn(2_000, 6)
    probabilities = two_classes(logistic(truth, 3.0, 2.0))
    choice = choose_calibrator(probabilities, y, customers, seed=1)
    assert choice.calibrator == KINDS[choice.calibrator.kind].fit(probabilities, y)


def test_few_rows_favour_the_simplest() -> None:
    truth, y, customers = drawn(40, 7)
    assert choose_calibrator(two_classes(logistic(truth, 1.2, 0.0)), y, customers, seed=1).calibrator == Identity()


def test_no_simpler_kind_was_as_good_and_the_lowest_loss_has_no_excess() -> None:
    truth, y, customers = drawn(3_000, 8)
    choice = choose_calibrator(two_classes(logistic(truth, 1.6, 0.6)), y, customers, seed=1)
    names = [trial.kind for trial in choice.trials]
    before = choice.trials[: names.index(choice.calibrator.kind)]
    assert names == list(KINDS)
    assert not any(trial.is_as_good_as_the_best for trial in before)
    assert min(trial.excess for trial in choice.trials) == 0.0


def test_rows_of_one_customer_lie_in_one_fold() -> None:
    """A customer's rows all repeat; if some were learnt from, isotonic regression would know the others' answers."""
    rng = np.random.default_rng(9)
    score, answer = rng.uniform(0.01, 0.99, 60), rng.integers(0, 2, 60)
    probabilities, y, customers = two_classes(np.repeat(score, 50)), np.repeat(answer, 50), np.repeat(np.arange(60), 50)
    grouped = {trial.kind: trial.log_loss for trial in choose_calibrator(probabilities, y, customers, 1).trials}
    apart = {trial.kind: trial.log_loss for trial in choose_calibrator(probabilities, y, np.arange(3000), 1).trials}
    assert apart["isotonic"] < np.log(2) < grouped["isotonic"]


def test_the_error_of_an_excess_is_that_of_independent_customers() -> None:
    """Repeating every row of a customer adds rows and no knowledge."""
    truth, y, _ = drawn(500, 10)
    probabilities = two_classes(logistic(truth, 2.0, 0.0))
    once = choose_calibrator(probabilities, y, np.arange(500), seed=1)
    thrice = choose_calibrator(np.repeat(probabilities, 3, axis=0), np.repeat(y, 3), np.repeat(np.arange(500), 3), 1)
    assert thrice.trials[0].standard_error == pytest.approx(once.trials[0].standard_error, rel=0.1)


def test_equal_seeds_choose_equally_and_the_table_is_plain_data() -> None:
    truth, y, customers = drawn(400, 11)
    first, second = (choose_calibrator(two_classes(truth), y, customers, seed=3) for _ in range(2))
    assert first == second
    table = json.loads(json.dumps(first.to_dict()))
    assert (table["chosen"], table["rows"], table["customers"]) == (first.calibrator.kind, 400, 100)
    assert set(table["trials"][0]) == {"kind", "log_loss", "excess", "standard_error"}


def test_more_folds_than_customers_are_no_obstacle() -> None:
    truth, y, _ = drawn(40, 12)
    choice = choose_calibrator(two_classes(truth), y, np.arange(40) % 3, seed=1)
    assert (choice.customers, len(choice.trials)) == (3, len(KINDS))


def test_a_single_customer_leaves_nothing_to_compare() -> None:
    choice = choose_calibrator(two_classes(np.array([0.2, 0.7])), np.array([0, 1]), np.array([4, 4]), seed=1)
    assert (choice.calibrator, choice.trials) == (Identity(), ())

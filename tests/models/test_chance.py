import numpy as np
import pytest

from models.chance import expected_by_chance
from models.metrics import expected_calibration_error


def test_it_is_the_error_of_answers_drawn_from_the_predictions() -> None:
    rng = np.random.default_rng(1)
    yes = rng.beta(1, 3, 507)
    probabilities = np.column_stack([1 - yes, yes])
    errors = [expected_calibration_error(probabilities, (rng.random(507) < yes).astype(int)) for _ in range(400)]
    reach = 4 * np.std(errors) * np.sqrt(1 / 400 + 1 / 200)
    assert expected_by_chance(probabilities, seed=2) == pytest.approx(np.mean(errors), abs=reach)


def test_with_more_classes_it_is_that_of_the_most_probable_one() -> None:
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(4), 300)
    answers = [(probabilities.cumsum(axis=1) < rng.random((300, 1))).sum(axis=1).clip(max=3) for _ in range(400)]
    errors = [expected_calibration_error(probabilities, y) for y in answers]
    reach = 4 * np.std(errors) * np.sqrt(1 / 400 + 1 / 200)
    assert expected_by_chance(probabilities, seed=4) == pytest.approx(np.mean(errors), abs=reach)


@pytest.mark.parametrize("rows", [1_000, 16_000])
def test_it_shrinks_with_the_root_of_the_rows(rows: int) -> None:
    """In a bin of m tosses of a coin the share is sqrt(2 / pi) * 0.5 / sqrt(m) off, on average."""
    expected = np.sqrt(2 / np.pi) * 0.5 / np.sqrt(rows / 10)
    assert expected_by_chance(np.full((rows, 2), 0.5), seed=5) == pytest.approx(expected, rel=0.06)


def test_certain_and_right_leaves_nothing_to_chance() -> None:
    assert expected_by_chance(np.eye(2)[np.arange(40) % 2], seed=6) == 0.0


def test_equal_seeds_draw_equally() -> None:
    probabilities = np.full((50, 2), 0.5)
    assert expected_by_chance(probabilities, 7) == expected_by_chance(probabilities, 7)
    assert expected_by_chance(probabilities, 7) != expected_by_chance(probabilities, 8)


def test_fewer_rows_than_bins_are_a_bin_each() -> None:
    assert expected_by_chance(np.full((3, 2), 0.5), seed=9) == pytest.approx(0.5)

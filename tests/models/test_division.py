import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from features.arrays import Floats, Ints
from models.division import Division, divide, nearest


def planted(groups: int, columns: int = 6, rows: int = 600, seed: int = 0) -> tuple[Floats, Ints]:
    """Returns points around so many centres, 8 spreads apart, of unequal numbers, and whose they are."""
    rng = np.random.default_rng(seed)
    centres = 6.0 * np.eye(columns)[:groups]
    sizes = np.arange(2, groups + 2)
    truth = rng.choice(groups, rows, p=sizes / sizes.sum())
    return standardised(centres[truth] + rng.standard_normal((rows, columns))), truth


def standardised(X: Floats) -> Floats:
    return np.asarray((X - X.mean(axis=0)) / X.std(axis=0))


@pytest.mark.parametrize("groups", [2, 5])
def test_planted_groups_are_found(groups: int) -> None:
    Z, truth = planted(groups)
    division = divide(Z)
    assert len(division.centres) == groups
    assert adjusted_rand_score(truth, nearest(division.centres, Z)) > 0.9


def blob(kind: str, rows: int = 600) -> Floats:
    rng = np.random.default_rng(7)
    common = 6.0 * rng.standard_normal((rows, 1)) if kind == "long" else 0.0
    return standardised(rng.standard_normal((rows, 5)) + common)


@pytest.mark.parametrize("kind", ["round", "long"])
def test_one_cloud_is_one_group(kind: str) -> None:
    division = divide(blob(kind))
    assert len(division.centres) == 1
    assert not any(trial.holds for trial in division.trials)


def test_a_long_cloud_is_cut_reliably_and_refused_for_not_being_tight() -> None:
    halves = divide(blob("long", rows=3_000)).trials[0]
    assert halves.agreement > 0.85
    assert not halves.is_tighter


def test_a_handful_of_outliers_is_no_group_of_its_own() -> None:
    rng = np.random.default_rng(1)
    Z = np.concatenate([rng.standard_normal((590, 3)), 30.0 + rng.standard_normal((10, 3))])
    assert _centres(divide(standardised(Z))) == 1


def test_customers_who_are_all_of_three_exact_kinds_are_three_groups() -> None:
    Z = standardised(np.repeat(np.eye(3), 60, axis=0))
    assert _centres(divide(Z)) == 3


def test_a_seed_gives_the_same_division_and_the_largest_group_comes_first() -> None:
    Z, _ = planted(3, columns=3, rows=300)
    one, again = divide(Z, seed=4), divide(Z, seed=4)
    assert np.array_equal(one.centres, again.centres)
    assert one.trials == again.trials
    sizes = np.bincount(nearest(one.centres, Z))
    assert (np.diff(sizes) <= 0).all()


def test_a_few_customers_or_no_columns_are_one_group() -> None:
    assert _centres(divide(planted(2, rows=30)[0])) == 1
    assert _centres(divide(np.empty((100, 0)))) == 1


def _centres(division: Division) -> int:
    return len(division.centres)

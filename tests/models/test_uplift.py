import numpy as np
import pytest

from models.qini import Arms, qini, qini_interval
from models.uplift import ENOUGH, CrossFit, Uplift, taken

COLUMNS = tuple(f"x{place}" for place in range(6))
ROWS = 12_000


def simulated(seed: int, size: float = 0.25) -> tuple[np.ndarray, Arms, np.ndarray]:
    """Returns features, arms and the true effects of synthetic customers: half of them are moved, by ``size``."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(ROWS, len(COLUMNS))).astype(np.float32)
    effect = size * (X[:, 0] > 0)
    treated = rng.random(ROWS) >= 0.3
    happened = rng.random(ROWS) < 0.1 + 0.15 / (1 + np.exp(-2 * X[:, 1])) + effect * treated
    return X, Arms(treated, np.full(ROWS, 0.3), happened.astype(float)), effect


def crossed(learner: str = "t") -> CrossFit:
    return CrossFit(np.arange(ROWS) % 3, lambda x, a: Uplift.fit(x, a, COLUMNS, learner))  # type: ignore[arg-type]


@pytest.mark.parametrize("learner", ["t", "x"])
def test_effects_that_differ_are_found_on_customers_not_seen(learner):
    X, arms, truth = simulated(1)
    assert np.corrcoef(crossed(learner).effects(X, arms), truth)[0, 1] > 0.6
    order = crossed(learner).order(X, arms)
    assert qini_interval(order, arms, np.arange(ROWS)).low > 0
    assert qini(order, arms) > 0.6 * qini(truth, arms)


def test_where_nobody_is_moved_the_order_gains_nothing():
    found = [qini(crossed().order(X, arms), arms) for X, arms, _ in (simulated(seed, 0.0) for seed in range(4))]
    best = qini(simulated(1)[2], simulated(1)[1])
    assert abs(np.mean(found)) < 0.1 * best


def test_the_order_compares_nobody_with_customers_of_another_fold():
    X, arms, _ = simulated(6)
    order = crossed().order(X, arms)
    for fold in range(3):
        assert order[fold::3].mean() == pytest.approx(0.5, abs=1e-3)
        assert 0 < order[fold::3].min() <= order[fold::3].max() <= 1


def test_fitting_twice_gives_the_same_effects():
    X, arms, _ = simulated(2)
    few = np.arange(ROWS) < 4_000
    first, second = (Uplift.fit(X[few], taken(arms, few), COLUMNS).effect(X) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_nobody_is_scored_by_a_learner_that_saw_them():
    X, arms, _ = simulated(3)
    seen: list[int] = []

    def fit(x: np.ndarray, a: Arms) -> Uplift:
        seen.append(len(x))
        assert not (x[:, 5] == marked).any()
        return Uplift.fit(x, a, COLUMNS, "t")

    marked = np.float32(77)
    fold = np.zeros(ROWS, dtype=np.int64)
    X[:100, 5], fold[:100] = marked, 1
    few = np.r_[0:100, 100:3_000]
    with pytest.raises(AssertionError):
        CrossFit(fold[few], fit).effects(X[few], taken(arms, few))  # the learner of the others sees the marked ones
    assert seen == [100]


@pytest.mark.parametrize(
    ("campaigns", "rows", "says"),
    [
        (2, ROWS, ""),
        (1, ROWS, "1 of 2 campaigns"),
        (2, 1_500, "of 1,000 customers left alone"),
        (2, 300, "of 100 outcomes among those treated"),
    ],
)
def test_what_is_too_little_is_said(campaigns, rows, says):
    _, arms, _ = simulated(4)
    missing = ENOUGH.missing(campaigns, taken(arms, np.arange(ROWS) < rows))
    assert says in missing
    assert bool(missing) == bool(says)

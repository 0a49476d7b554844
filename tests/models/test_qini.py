import numpy as np
import pytest

from models.qini import DEPTHS, Arms, qini, qini_curve, qini_interval


def drawn(effect: np.ndarray, baseline: float = 0.2, holdout: float = 0.3, seed: int = 0) -> Arms:
    """Returns arms of simulated customers with known effects."""
    rng = np.random.default_rng(seed)
    treated = rng.random(len(effect)) >= holdout
    outcome = rng.random(len(effect)) < baseline + effect * treated
    return Arms(treated, np.full(len(effect), holdout), outcome.astype(float))


def test_by_hand():
    # in order: treated 1, control 0, treated 0, control 1; at half: 1/2 (1 - 0), at the end: 1/2 - 1/2
    arms = Arms(np.array([True, False, True, False]), np.full(4, 0.5), np.array([1.0, 0.0, 0.0, 1.0]))
    curve = qini_curve(np.array([4.0, 3.0, 2.0, 1.0]), arms)
    assert curve[[0, DEPTHS // 2, DEPTHS]] == pytest.approx([0.0, 0.5, 0.0])
    # between the points 0, 1/4 (1 - 0), 1/2 (1 - 0), 3/4 (1/2 - 0), 0 run straight lines; the base is zero
    assert qini(np.array([4.0, 3.0, 2.0, 1.0]), arms) == pytest.approx((0.25 + 0.5 + 0.375) / 4, abs=1e-12)


def test_the_curve_ends_at_the_effect_on_all_whatever_the_order():
    effect = np.random.default_rng(1).random(20_000) * 0.2
    arms = drawn(effect)
    means = [arms.outcome[arm].mean() for arm in (arms.is_treated, ~arms.is_treated)]
    for order in (effect, -effect, np.zeros(len(effect))):
        assert qini_curve(order, arms)[-1] == pytest.approx(means[0] - means[1])


def test_the_true_order_gains_the_reverse_loses_and_no_order_does_neither():
    effect = np.where(np.arange(20_000) % 2, 0.2, -0.1)
    arms = drawn(effect)
    assert qini(effect, arms) == pytest.approx(0.5 * 0.5 * 0.15, rel=0.15)
    assert qini(-effect, arms) == pytest.approx(-qini(effect, arms), rel=0.05)
    assert qini(np.zeros(20_000), arms) == pytest.approx(0.0, abs=1e-12)


def test_campaigns_of_different_holdouts_weigh_their_arms_alike():
    rng = np.random.default_rng(2)
    holdout = np.repeat([0.1, 0.5], 40_000)
    treated = rng.random(80_000) >= holdout
    base = np.where(holdout == 0.1, 0.05, 0.4)  # who is in which campaign matters, the campaigns do nothing
    arms = Arms(treated, holdout, (rng.random(80_000) < base).astype(float))
    assert qini_curve(rng.random(80_000), arms)[-1] == pytest.approx(0.0, abs=0.01)


def test_the_interval_of_an_order_by_chance_holds_zero_about_19_times_of_20():
    rng, held = np.random.default_rng(3), 0
    for seed in range(40):
        arms = drawn(np.full(1_000, 0.05), seed=seed)
        found = qini_interval(rng.random(1_000), arms, np.arange(1_000))
        held += found.low < 0 < found.high
    assert held >= 35


def test_the_interval_is_the_same_each_time_and_wider_if_rows_come_again():
    arms, order = drawn(np.full(1_000, 0.05)), np.random.default_rng(3).random(1_000)
    found = qini_interval(order, arms, np.arange(1_000))
    assert found == qini_interval(order, arms, np.arange(1_000))
    again = Arms(*(np.repeat(part, 4) for part in (arms.is_treated, arms.holdout, arms.outcome)))
    blind, told = (qini_interval(np.repeat(order, 4), again, who) for who in (np.arange(4_000), np.arange(4_000) // 4))
    assert told.high - told.low > 1.5 * (blind.high - blind.low)

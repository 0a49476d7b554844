import numpy as np
import pytest

from models.period_shift import USUAL_SHIFT
from serving.segments.interval import captured

RNG = np.random.default_rng(5)


def exact(probabilities: list[float]) -> np.ndarray:  # type: ignore[type-arg]
    """Returns the probability of each number, customer by customer."""
    chance = np.array([1.0])
    for p in probabilities:
        chance = np.convolve(chance, [1.0 - p, p])
    return chance


@pytest.mark.parametrize("size", [1, 3, 20, 300])
def test_without_a_shift_the_bounds_hold_nine_tenths_of_the_exact_distribution(size: int) -> None:
    for mean in (0.02, 0.3, 0.9):
        probabilities = np.clip(RNG.normal(mean, 0.1, size), 0.001, 0.999)
        found = captured(probabilities, shift=0.0)
        inside = float(exact(probabilities.tolist())[found.low : found.high + 1].sum())
        assert inside > 0.87, (size, mean)
        if found.high > found.low + 8:  # few whole numbers cannot come close
            assert inside < 0.95, (size, mean)


def test_a_common_shift_of_the_odds_is_covered_nine_times_of_ten() -> None:
    probabilities, shift = RNG.beta(1.0, 4.0, 2_000), 0.2
    found = captured(probabilities, shift)
    odds = np.log(probabilities / (1.0 - probabilities))
    shifted = 1.0 / (1.0 + np.exp(-(odds + RNG.normal(0.0, shift, (1_000, 1)))))
    came = (RNG.random(shifted.shape) < shifted).sum(axis=1)
    assert 0.87 < ((came >= found.low) & (came <= found.high)).mean() < 0.93
    alone = captured(probabilities, 0.0)
    assert ((came >= alone.low) & (came <= alone.high)).mean() < 0.6


def test_what_is_certain_has_no_width_and_bounds_stay_within_the_audience() -> None:
    assert captured(np.ones(7)) == (7.0, 7, 7)
    assert captured(np.zeros(0)) == (0.0, 0, 0)
    assert captured(np.full(2, 0.5)) == (1.0, 0, 2)


def test_an_unmeasured_shift_is_the_usual_one() -> None:
    assert captured(np.full(400, 0.25)) == captured(np.full(400, 0.25), USUAL_SHIFT)

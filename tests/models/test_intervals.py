from math import inf

import numpy as np
import pytest

from models.intervals import (
    Estimate,
    Share,
    mean_difference,
    relative_lift,
    share_difference,
    shared_confidence,
)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # the examples of Newcombe's paper, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_shares_is_that_of_the_paper(first, second, low, high):
    found = share_difference(Share(*first), Share(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_changing_places_changes_the_sign():
    one, other = Share(30, 200), Share(12, 150)
    there, back = share_difference(one, other), share_difference(other, one)
    assert (there.value, there.low, there.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_the_lift_of_equal_shares_is_around_nothing():
    found = relative_lift(Share(80, 1000), Share(8, 100))
    assert found.value == pytest.approx(0.0)
    assert found.low < 0 < found.high


def test_where_nothing_happens_without_a_campaign_the_lift_has_a_lower_end():
    found = relative_lift(Share(40, 1000), Share(0, 1000))
    assert found.value == inf
    assert found.low > 1


@pytest.mark.parametrize("interval", ["difference", "lift", "mean"])
def test_the_intervals_hold_the_truth_as_often_as_they_say(interval):
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        if interval == "mean":
            first, second = (rng.lognormal(0, 0.5, size) * (rng.random(size) < 0.5) for size in (900, 300))
            found, truth = mean_difference(first, second), 0.0
        else:
            first, second = Share(rng.binomial(2700, 0.1), 2700), Share(rng.binomial(300, 0.08), 300)
            measure, truth = {"difference": (share_difference, 0.02), "lift": (relative_lift, 0.25)}[interval]
            found = measure(first, second)
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 600 <= 0.97


def test_means_that_do_not_scatter_differ_by_exactly_that():
    assert mean_difference(np.full(3, 2.0), np.full(4, 1.5)) == Estimate(0.5, 0.5, 0.5)


def test_welch_by_hand():
    # means 2 and 5, variances 1 and 4, sizes 3 and 3: error sqrt(5/3), freedom (5/3)^2 / ((1/3)^2/2 + (4/3)^2/2)
    found = mean_difference(np.array([1.0, 2.0, 3.0]), np.array([3.0, 5.0, 7.0]))
    t = 3.1824 + (2.7764 - 3.1824) * (2.9412 - 3) / 1  # between the tables' rows 3 and 4, a little outside
    assert found.value == pytest.approx(-3.0)
    assert found.high - found.value == pytest.approx(t * (5 / 3) ** 0.5, rel=0.01)


def test_several_intervals_share_the_doubt():
    assert shared_confidence(1) == 0.95
    assert shared_confidence(0) == 0.95
    assert shared_confidence(5) == 0.99

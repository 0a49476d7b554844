import numpy as np
import pytest

from features.journey import Journey
from serving.reports.audience import audience_curves, curve, sizes_shown
from serving.reports.expected import Expected


def test_a_curve_sums_the_highest_probabilities() -> None:
    found = curve(np.array([0.2, 0.9, 0.5]), np.array([1.0, 2.0, 4.0]))
    assert (found.size, found.threshold, found.customers) == ([1, 2, 3], [0.9, 0.5, 0.2], 3)
    assert found.captured == pytest.approx([0.9, 1.4, 1.6])
    assert found.spend == pytest.approx([2.0, 6.0, 7.0])
    assert found.positives == pytest.approx(1.6)


def test_many_customers_are_shown_at_few_sizes_with_everybody_last() -> None:
    sizes = sizes_shown(12_345)
    assert len(sizes) == 200
    assert sizes[-1] == 12_345
    assert (np.diff(sizes) > 0).all()


def test_stages_divide_the_customers_who_have_the_score(expected: Expected, journey: Journey) -> None:
    for curves in audience_curves(expected, journey).curves.values():
        everybody = curves.pop("")
        assert sum(own.customers for own in curves.values()) == everybody.customers
        assert sum(own.positives for own in curves.values()) == pytest.approx(everybody.positives)

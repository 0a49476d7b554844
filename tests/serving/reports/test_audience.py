import numpy as np
import pytest

from features.arrays import Texts
from features.journey import Journey
from serving.errors import RequestError
from serving.reports.audience import audience_curves, chosen_audience, curve, sizes_shown
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
    for curves in audience_curves(expected, journey, nobody(expected)).curves.values():
        everybody = curves.pop("")
        assert sum(own.customers for own in curves.values()) == everybody.customers
        assert sum(own.positives for own in curves.values()) == pytest.approx(everybody.positives)


def nobody(expected: Expected) -> Texts:
    """The personas of customers who have none."""
    return np.full(len(expected.stage), None, dtype=object)


def test_without_personas_there_are_curves_of_everybody_alone(expected: Expected, journey: Journey) -> None:
    made = audience_curves(expected, journey, nobody(expected)).to_dict()
    assert made["personas"] == {}
    with pytest.raises(RequestError, match=r"no persona 'P1'; run 'nextstage personas', then 'nextstage score'"):
        chosen_audience(made, "P1")
    del made["personas"]  # as runs of earlier releases kept it
    with pytest.raises(RequestError, match="no persona 'P1'"):
        chosen_audience(made, "P1")


def test_the_curves_of_a_persona_are_those_of_its_customers_alone(expected: Expected, journey: Journey) -> None:
    personas = nobody(expected)
    personas[::3], personas[1::3] = "P2", "P1"
    made = audience_curves(expected, journey, personas)
    assert list(made.personas) == ["P1", "P2"]
    alone = audience_curves(expected.take(personas == "P2"), journey, nobody(expected)[personas == "P2"])
    assert made.personas["P2"].curves == alone.curves
    assert made.personas["P2"].customers == np.count_nonzero(personas == "P2")
    told = chosen_audience(made.to_dict(), "P2")
    assert told == {"horizon": made.horizon, "persona": "P2", **made.to_dict()["personas"]["P2"]}
    with pytest.raises(RequestError, match=r"no persona 'P22'.*'P2'"):
        chosen_audience(made.to_dict(), "P22")

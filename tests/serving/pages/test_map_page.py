import pytest

from serving.errors import RequestError
from serving.pages.map_page import bars, chosen_map, totals
from tests.serving.scored import ScoredStore


def test_a_choice_is_a_period_or_a_group(scored: ScoredStore) -> None:
    report = scored.report
    assert chosen_map(report, "1") is report["maps"][1]
    assert chosen_map(report, "tier=gold") is report["groups"]["tier"]["gold"]
    with pytest.raises(RequestError, match="did you mean 'tier=gold'"):
        chosen_map(report, "tier=golt")


def test_totals_are_those_of_the_flows(scored: ScoredStore) -> None:
    report, found = scored.report, totals(scored.report["maps"][0], "28d")
    moves = [flow for flow in report["flows"]["past"] if flow["source"] is not None]
    assert found["moves"] == sum(flow["customers"] for flow in moves)
    assert found["came"] == sum(flow["customers"] for flow in report["flows"]["past"] if flow["source"] is None)
    order = [stage["name"] for stage in report["stages"]]
    forward = sum(f["customers"] for f in moves if order.index(f["target"]) > order.index(f["source"]))
    assert found["forward"] == pytest.approx(forward / found["moves"])
    assert found["moving"] == pytest.approx(sum(f["customers"] for f in report["flows"]["predicted"]["28d"]))
    assert found["churn"] == pytest.approx(report["kpis"]["lines"]["churn"]["all"]["all"][-1])


def test_the_highest_bar_fills_its_picture(scored: ScoredStore) -> None:
    heights = [height for pair in bars(scored.report["maps"][0], "28d") for height in pair.values()]
    assert max(heights) == pytest.approx(62.0)
    assert min(heights) >= 0.0

from serving.pages.figure_page import MOST_BARS, attribution_bars, panels

KPIS = {
    "weeks": ["w"],
    "periods": ["p"],
    "lines": {
        key: {"all": {"all": [1.0]}, "stage": {"a": [0.0], "b": [2.0]}, "channel": {}}
        for key in ("active", "purchases", "revenue", "churn", "nps", "csat")
    },
}


def test_a_line_of_nothing_is_left_out_and_the_others_keep_their_colours() -> None:
    found = panels(KPIS, "stage", str.upper, str)
    assert [[line["label"] for line in panel["lines"]] for panel in found] == [["B"]] * 6
    assert found[0]["lines"][0]["colour"] == "--stage-1"


def test_where_there_is_nothing_the_reason_is_said() -> None:
    reasons = {panel["key"]: panel["empty"] for panel in panels(KPIS, "channel", str, str)}
    assert reasons["nps"] == "figures.no_answers"
    assert reasons["churn"] == "figures.no_channel"


def test_bars_are_shares_of_the_purchases_of_the_first_channels() -> None:
    channels = [{"channel": f"c{place}", "markov": 2.0, "shapley": 1.0} for place in range(10)]
    found = attribution_bars({"channels": channels, "purchases": 20}, str)
    assert found["names"] == [f"c{place}" for place in range(MOST_BARS)]
    assert [each["values"][0] for each in found["bars"]] == [0.1, 0.05]

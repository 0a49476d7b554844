from serving.pages.figure_page import panels

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

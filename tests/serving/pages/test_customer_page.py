from serving.pages.customer_page import score_rows, vector_rows

SCORES = {
    "stage_current": "a",
    "next_stage": {"7d": {"a": 0.75, "b": 0.25}},
    "churn": {"7d": None},
    "purchase": {"7d": 0.5},
    "spend": {"7d": {"expected": 2.0}},
}


def test_rows_say_what_is_expected_within_each_horizon() -> None:
    assert score_rows(SCORES) == [{"horizon": "7d", "moves": 0.25, "churn": None, "purchase": 0.5, "spend": 2.0}]


def test_the_parts_of_a_bar_follow_each_other() -> None:
    (row,) = vector_rows(SCORES, ["a", "b"])
    assert [(part["start"], part["share"]) for part in row["parts"]] == [(0, 0.75), (0.75, 0.25)]

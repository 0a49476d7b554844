from training.markdown import table


def test_columns_are_as_wide_as_their_widest_cell_and_numbers_stand_to_the_right() -> None:
    shown = table(("model", "AUC"), [("a", "0.75"), ("longer name", "1")])
    assert shown.splitlines() == [
        "| model       |  AUC |",
        "|-------------|-----:|",
        "| a           | 0.75 |",
        "| longer name |    1 |",
    ]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("event",), [("a|b",)]).splitlines()[-1] == "| a\\|b  |"

import numpy as np

from features.wording import Wording


def said(wording: Wording, *row: float) -> str:
    return wording.say(np.array(row, dtype=np.float32), 0)


def test_zero_and_nan_have_words_of_their_own() -> None:
    wording = Wording("purchase {times}", zero="no purchase", missing="never purchased")
    assert [said(wording, value) for value in (0.0, 1.0, 5.0, np.nan)] == [
        "no purchase",
        "purchase once",
        "purchase 5 times",
        "never purchased",
    ]


def test_codes_are_said_by_name_and_a_code_without_one_is_another() -> None:
    wording = Wording("in {name}", names=("'a'", "'b'"))
    assert [said(wording, value) for value in (1.0, 2.0, -1.0)] == ["in 'b'", "in another", "in another"]


def test_what_is_usual_is_added_where_it_is_known() -> None:
    wording = Wording("no purchase for {days}", missing="never purchased", beside=1, aside=", usually every {days}")
    assert said(wording, 41.0, 12.0) == "no purchase for 41 days, usually every 12 days"
    assert said(wording, 41.0, np.nan) == "no purchase for 41 days"
    assert said(wording, np.nan, 12.0) == "never purchased"


def test_a_change_is_more_or_fewer() -> None:
    assert [said(Wording("{change}"), value) for value in (0.5, -2.0)] == ["0.5 more", "2 fewer"]


def test_an_entropy_is_said_as_so_many_equally_frequent_kinds() -> None:
    assert said(Wording("{kinds}"), float(np.log(3.0))) == "3"

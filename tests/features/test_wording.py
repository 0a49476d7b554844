import numpy as np
import pytest

from features.errors import LanguageError
from features.languages.messages import Cases
from features.phrases import Phrases, phrases
from features.wording import Template, Wording

ENGLISH = phrases("en")


def template(text: str, names: tuple[str, ...] = (), own: Phrases = ENGLISH, **given: object) -> Template:
    return Template.of(text, own, given, names)


def wording(some: str, zero: str | None = None, missing: str = "not known", **more: object) -> Wording:
    return Wording(template(some), None if zero is None else template(zero), template(missing), **more)  # type: ignore[arg-type]


def said(wording: Wording, *row: float) -> str:
    return wording.say(np.array(row, dtype=np.float32), 0)


def test_zero_and_nan_have_words_of_their_own() -> None:
    own = wording("purchase {times}", "no purchase", "never purchased")
    assert [said(own, value) for value in (0.0, 1.0, 5.0, np.nan)] == [
        "no purchase",
        "purchase once",
        "purchase 5 times",
        "never purchased",
    ]


def test_codes_are_said_by_name_and_a_code_without_one_is_another() -> None:
    own = template("in {name}", ("'a'", "'b'"))
    assert [own.say(value) for value in (1.0, 2.0, -1.0, np.inf)] == [
        "in 'b'",
        "in another",
        "in another",
        "in another",
    ]


def test_what_is_usual_is_added_where_it_is_known() -> None:
    own = wording("no purchase for {days}", missing="never", beside=1, aside=template(", usually every {days}"))
    assert said(own, 41.0, 12.0) == "no purchase for 41 days, usually every 12 days"
    assert said(own, 41.0, np.nan) == own.say_alone(41.0) == "no purchase for 41 days"
    assert said(own, np.nan, 12.0) == "never"


def test_a_change_is_more_or_fewer() -> None:
    assert [template("{change}").say(value) for value in (0.5, -2.0)] == ["0.5 more", "2 fewer"]


def test_an_entropy_is_said_as_so_many_equally_frequent_kinds() -> None:
    assert template("{kinds}").say(float(np.log(3.0))) == "3"


def test_what_is_known_is_filled_in_at_once_in_the_case_that_is_asked_for() -> None:
    own = template(
        "brak {what:genitive} od {days:genitive}", own=phrases("pl"), what=Cases(nominative="x", genitive="y")
    )
    assert own.pieces[:3] == ("brak ", "y", " od ")
    assert own.say(1.0) == "brak y od 1 dnia"


def test_a_place_that_nothing_fills_is_noticed_when_the_template_is_made() -> None:
    with pytest.raises(LanguageError, match="nothing fills 'weeks'"):
        template("every {weeks}")

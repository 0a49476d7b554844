import math

import pytest

from features.phrases import amount, digits, phrases, plural
from features.plan import Group


def test_a_number_without_bound_is_said_too() -> None:
    english = phrases("en")
    assert english.number(math.inf) == "a number without bound"
    assert english.days(math.inf) == "a time without bound"
    assert english.times(math.inf) == "a number without bound times"


def test_large_numbers_are_whole_and_grouped() -> None:
    assert (digits(123456.7), digits(-0.017)) == ("123,457", "-0.017")
    assert phrases("pl").number(123456.7) == "123\xa0457"
    assert amount(2, "more week") == "2 more weeks"


def test_names_with_regular_plurals() -> None:
    assert [plural(noun) for noun in ("day", "price", "box")] == ["days", "prices", "boxes"]


def test_windows_of_every_unit() -> None:
    assert [phrases("en").within(window) for window in ("45s", "30m", "2h", "1d")] == [
        "in the last 45 seconds",
        "in the last 30 minutes",
        "in the last 2 hours",
        "in the last day",
    ]


@pytest.mark.parametrize(
    ("language", "window", "said"),
    [
        ("pl", "1d", "w ciągu ostatniego dnia"),
        ("pl", "22d", "w ciągu ostatnich 22 dni"),
        ("pl", "3h", "w ciągu ostatnich 3 godzin"),
        ("sk", "1d", "za posledný deň"),
        ("sk", "3d", "za posledné 3 dni"),
        ("sk", "22d", "za posledných 22 dní"),
        ("ru", "1d", "за последний день"),
        ("ru", "21d", "за последний 21 день"),
        ("ru", "22d", "за последние 22 дня"),
        ("ru", "11d", "за последние 11 дней"),
        ("ru", "1w", "за последнюю неделю"),
    ],
)
def test_a_window_is_inflected(language: str, window: str, said: str) -> None:
    assert phrases(language).within(window) == said


@pytest.mark.parametrize(
    ("language", "case", "said"),
    [
        ("pl", "genitive", ["mniej niż godziny", "6 godzin", "1 dnia", "3 dni", "22 dni"]),
        ("pl", "accusative", ["mniej niż godzinę", "6 godzin", "dzień", "3 dni", "22 dni"]),
        ("sk", "genitive", ["menej než hodiny", "6 hodín", "1 dňa", "3 dní", "22 dní"]),
        ("sk", "accusative", ["menej než hodinu", "6 hodín", "deň", "3 dni", "22 dní"]),
        ("ru", "genitive", ["меньше часа", "6 часов", "1 дня", "3 дней", "22 дней"]),
        ("ru", "accusative", ["неполный час", "6 часов", "день", "3 дня", "22 дня"]),
    ],
)
def test_a_duration_is_inflected(language: str, case: str, said: list[str]) -> None:
    assert [phrases(language).days(value, case) for value in (0.01, 0.25, 1.3, 3.0, 21.6)] == said


def test_what_is_shown_decides_on_the_plural_and_not_what_was_rounded() -> None:
    assert phrases("ru").times(21.4) == "21 раз"
    assert phrases("ru").days(21.4) == "21 день"
    assert phrases("pl").times(1.5) == "1,5 raza"


def test_a_thing_has_the_cases_of_its_language() -> None:
    said = phrases("pl").thing(Group("event", "Product Viewed"))
    assert (str(said), said["genitive"]) == ("zdarzenie „product viewed”", "zdarzenia „product viewed”")
    assert str(phrases("ru").thing(Group("stage", "loyal"), "Лояльность")) == "активность этапа «Лояльность»"

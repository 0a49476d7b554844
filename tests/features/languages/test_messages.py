from datetime import UTC, datetime

import pytest

from features.errors import LanguageError
from features.languages.messages import FILES, LANGUAGES, NOTHING, Messages, flat, messages, read_texts
from tests.message_laws import LAWS, OF_TRANSLATIONS, OTHERS


def test_every_file_is_a_language_that_is_spoken() -> None:
    assert {path.stem for path in FILES.glob("*.yaml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("law", LAWS)
def test_every_message_is_well_formed(law, language: str) -> None:
    law(FILES, language)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("law", OF_TRANSLATIONS)
def test_a_translation_says_what_the_english_text_says(law, language: str) -> None:
    law(FILES, language)


def test_a_value_with_braces_stays_as_it_is() -> None:
    hostile = Messages("en", {"hello": "Hello, {name}!"})
    assert hostile.text("hello", name="{name.__class__} <b>") == "Hello, {name.__class__} <b>!"


def test_a_place_says_how_its_value_is_written() -> None:
    texts = {"x": "{share:.2f} {many:,} {day:%Y-%m-%d} {day} {what:genitive} {what:accusative} {what}"}
    spoken = Messages("pl", texts | {"word": {"nominative": "cecha", "genitive": "cechy"}})
    said = spoken.text("x", share=-0.5, many=1234, day=datetime(2026, 1, 31, tzinfo=UTC), what=spoken.cases("word"))
    assert said == "\N{MINUS SIGN}0,50 1\xa0234 2026-01-31 31 sty 2026 cechy cecha cecha"


def test_a_number_may_have_a_form_of_its_own() -> None:
    spoken = Messages(
        "ru", {"day": {"=1": "день", "one": "{count} день", "few": "{count} дня", "other": "{count} дней"}}
    )
    assert [spoken.text("day", count=count) for count in (1, 21, 2)] == ["день", "21 день", "2 дня"]


def test_a_word_with_cases_and_numbers_takes_both() -> None:
    said = messages("sk").cases("amounts.day", count=2)
    assert (str(said), said["genitive"]) == ("2 dni", "2 dní")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(LanguageError, match=r"no message 'within\.dai' in language 'sk'.*'within\.day'"):
        messages("sk").text("within.dai", count=1)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(LanguageError, match=r"message 'within\.day' needs a value for 'count'"):
        messages("en").text("within.day")


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(LanguageError, match="no language 'de'; known: en, pl, sk, ru"):
        read_texts(FILES, "de")


@pytest.mark.parametrize("tree", ["a text", {"a": None}, {"a": ["b"]}, {True: "x"}])
def test_a_malformed_file_is_an_error_that_says_where(tree: object) -> None:
    with pytest.raises(LanguageError, match=r"^xx\.yaml"):
        dict(flat(tree, "xx.yaml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_a_dash(language: str) -> None:
    spoken = messages(language)
    assert {spoken.number(None), spoken.number(float("nan")), spoken.percent(None), spoken.date(None)} == {NOTHING}
    assert {spoken.moment(None), spoken.days(None), spoken.days(float("inf"))} == {NOTHING}


def test_messages_under_a_prefix() -> None:
    assert set(messages("en").starting_with("amounts")) >= {"amounts.day", "amounts.times"}

from string import Formatter

import pytest

from serving.errors import LanguageError
from serving.languages.messages import FILES, LANGUAGES, NOTHING, Messages, _flat, _read, messages

OTHERS = LANGUAGES[1:]


def forms(text):
    return [text] if isinstance(text, str) else list(text.values())


def places(text):
    return {name for form in forms(text) for _, name, *_ in Formatter().parse(form) if name is not None}


def test_every_file_is_a_language_that_is_spoken():
    assert {path.stem for path in FILES.glob("*.yaml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_exactly_the_keys_of_english(language):
    assert _read(language).keys() == _read("en").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_the_english_text(language):
    english, own = _read("en"), _read(language)
    assert {key: places(own[key]) for key in english} == {key: places(text) for key, text in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_places_are_plain_names(language):
    for key, text in _read(language).items():
        assert all(form.strip() == form != "" for form in forms(text)), key
        assert all(place.isidentifier() for place in places(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counted_message_has_every_plural_form_of_its_language(language):
    needed = {"other", *messages(language).locale.plural_form.tags}
    english = _read("en")
    for key, text in _read(language).items():
        assert isinstance(text, str) or set(text) == needed, key
        assert isinstance(text, str) == isinstance(english[key], str), key


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "1 event"),
        ("en", 0, "0 events"),
        ("pl", 1, "1 zdarzenie"),
        ("pl", 22, "22 zdarzenia"),
        ("pl", 12, "12 zdarzeń"),
        ("pl", 12345, "12\xa0345 zdarzeń"),
        ("pl", 1.5, "1,5 zdarzenia"),
        ("sk", 4, "4 udalosti"),
        ("sk", 5, "5 udalostí"),
        ("sk", 22, "22 udalostí"),
        ("ru", 21, "21 событие"),
        ("ru", 11, "11 событий"),
        ("ru", 1003, "1\xa0003 события"),
    ],
)
def test_the_plural_form_fits_the_number(language, count, said):
    assert messages(language).text("count.events", count=count) == said


def test_a_value_with_braces_stays_as_it_is():
    hostile = Messages("en", {"hello": "Hello, {name}!"})
    assert hostile.text("hello", name="{name.__class__} <b>") == "Hello, {name.__class__} <b>!"


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(LanguageError, match=r"no message 'count\.costumers' in language 'sk'.*'count\.customers'"):
        messages("sk").text("count.costumers", count=1)


def test_a_missing_value_is_named():
    with pytest.raises(LanguageError, match=r"message 'count\.events' needs a value for 'count'"):
        messages("en").text("count.events")


def test_an_unknown_language_is_an_error():
    with pytest.raises(LanguageError, match="no language 'de'; known: en, pl, sk, ru"):
        messages("de")


@pytest.mark.parametrize("tree", ["a text", {"a": None}, {"a": ["b"]}, {True: "x"}])
def test_a_malformed_file_is_an_error_that_says_where(tree):
    with pytest.raises(LanguageError, match=r"^xx\.yaml"):
        dict(_flat(tree, "xx.yaml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_a_dash(language):
    spoken = messages(language)
    assert {spoken.number(None), spoken.number(float("nan")), spoken.percent(None), spoken.date(None)} == {NOTHING}
    assert {spoken.moment(None), spoken.days(None), spoken.days(float("inf"))} == {NOTHING}


def test_messages_under_a_prefix():
    assert set(messages("en").starting_with("count")) >= {"count.customers", "count.events"}

import pytest

from features.errors import LanguageError
from features.languages.messages import read_file
from serving.languages.messages import FILES, LANGUAGES, OF_FEATURES, messages
from tests.message_laws import LAWS, OF_TRANSLATIONS, OTHERS, forms

ALIKE = {
    *("page.api", "page.model", "map.nps", "map.csat", "model.title", "model.auc", "model.within", "audience.persona"),
    *("model.champion", "model.challenger", "method.nextstage", "method.bg_nbd"),
    *("reasons.slope.some", "reasons.count.some"),
}
"""Names, abbreviations and orders of places that another language may have in common with English."""


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


def test_nothing_is_left_in_english() -> None:
    english = messages("en").texts
    left = [
        {key for key, text in english.items() if forms(text) == forms(messages(language).texts[key])}
        for language in OTHERS
    ]
    assert set().union(*left) == ALIKE


def test_no_message_of_pages_hides_one_of_features() -> None:
    assert not read_file(FILES, "en").keys() & read_file(OF_FEATURES, "en").keys()


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
def test_the_plural_form_fits_the_number(language: str, count: float, said: str) -> None:
    assert messages(language).text("count.events", count=count) == said


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(LanguageError, match="no language 'de'; known: en, pl, sk, ru"):
        messages("de")

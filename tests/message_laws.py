"""What holds of every file of messages, whatever it is about."""

from pathlib import Path
from string import Formatter

from features.languages.messages import CASES, LANGUAGES, NOMINATIVE, PLURALS, Text, messages, read_file

QUOTES = set("\"'“”„«»") | {"\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"}
EN_DASH = "\N{EN DASH}"
EXACT = {"=1", "=2"}
LETTERS = {"pl": "ąćęłńóśźż", "sk": "áäčďéíĺľňóôŕšťúýž", "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"}


def forms(text: Text) -> list[str]:
    """Returns every form of a message."""
    if isinstance(text, str):
        return [text]
    return [form for inner in text.values() for form in forms(inner)]


def places(text: Text) -> set[str]:
    """Returns the names of the places of a message, whatever its places say of how they are written."""
    return {name for form in forms(text) for _, name, *_ in Formatter().parse(form) if name is not None}


def same_keys_and_places(folder: Path, language: str) -> None:
    """A language has the keys of English, and each message the places of the English one."""
    english, own = read_file(folder, "en"), read_file(folder, language)
    assert own.keys() == english.keys()
    assert {key: places(own[key]) for key in english} == {key: places(text) for key, text in english.items()}


def well_formed(folder: Path, language: str) -> None:
    """No message is empty, places are plain names, and numbers and cases choose among all that the language has."""
    needed = {"other", *messages(language).locale.plural_form.tags}
    for key, text in read_file(folder, language).items():
        assert all(form.strip(" ;,") and form.strip() != "" for form in forms(text)), key
        assert all(place.isidentifier() for place in places(text)), key
        if isinstance(text, str):
            continue
        if CASES.issuperset(text):
            assert NOMINATIVE in text, key
        counted = [inner for inner in (text, *text.values()) if not isinstance(inner, str) and PLURALS & set(inner)]
        assert all(set(inner) - EXACT == needed for inner in counted), key


def cases_exist(folder: Path, language: str) -> None:
    """A case that a place asks for is one that there is."""
    for key, text in read_file(folder, language).items():
        for form in forms(text):
            for _, _, how, _ in Formatter().parse(form):
                assert not (how or "").isalpha() or how in CASES | {"d"}, f"{key}: {how}"


def quotes_are_its_own(folder: Path, language: str) -> None:
    """Quotes and dashes are those of the language, and a letter of another alphabet strays into no word."""
    opening, closing = {"pl": "„”", "sk": "„“", "ru": "«»"}[language]
    strange = QUOTES - {opening, closing}
    for key, text in read_file(folder, language).items():
        for form in forms(text):
            assert not strange & set(form), f"{key}: {form}"
            assert form.count(opening) == form.count(closing), f"{key}: {form}"
            assert " - " not in form, f"{key}: {form}"
            assert (f" {EN_DASH} " if language == "ru" else " — ") not in form, f"{key}: {form}"
            others = set("".join(letters for other, letters in LETTERS.items() if other != language))
            assert not (others - set(LETTERS[language])) & set(form.lower()), f"{key}: {form}"


LAWS = (well_formed, cases_exist)
OF_TRANSLATIONS = (same_keys_and_places, quotes_are_its_own)
OTHERS = LANGUAGES[1:]

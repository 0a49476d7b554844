"""What pages and reports say, together with what is said of features, personas and grades, in one language."""

from functools import cache
from pathlib import Path

from features.languages.messages import ENGLISH as ENGLISH
from features.languages.messages import FILES as OF_FEATURES
from features.languages.messages import LANGUAGES as LANGUAGES
from features.languages.messages import NOTHING as NOTHING
from features.languages.messages import Messages as Messages
from features.languages.messages import read_texts

FILES = Path(__file__).parent


@cache
def messages(language: str) -> Messages:
    """Returns the messages of a language; one that it lacks is the English one.

    Raises
    ------
    LanguageError
        If nextstage does not speak the language, or a file is malformed.
    """
    return Messages(language, {**read_texts(OF_FEATURES, language), **read_texts(FILES, language)})

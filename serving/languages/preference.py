"""In which language a page answers: as its address asks, as the browser was told before, or as it prefers."""

from collections.abc import Mapping

from starlette.requests import Request

from serving.languages.messages import ENGLISH, LANGUAGES

PARAMETER = "lang"
"""The query parameter, and the cookie that remembers it."""


def asked_language(query: Mapping[str, str]) -> str:
    """Returns the language of ``?lang=``, English without: what programs read depends on no cookie."""
    language = query.get(PARAMETER, ENGLISH)
    return language if language in LANGUAGES else ENGLISH


def preferred_language(request: Request) -> str:
    """Returns the language of ``?lang=``, else of the cookie, else the best accepted one; English if nothing fits."""
    asked = (request.query_params.get(PARAMETER), request.cookies.get(PARAMETER))
    told = next((language for language in asked if language in LANGUAGES), None)
    return told or accepted_language(request)


def accepted_language(request: Request) -> str:
    """Returns the language that a program or browser accepts most; English if nothing fits."""
    return most_accepted(request.headers.get("accept-language", ""))


def most_accepted(header: str) -> str:
    """Returns the language of an Accept-Language header (RFC 9110, section 12.5.4) that is preferred most.

    Examples
    --------
    >>> most_accepted("de, sk-SK;q=0.7, ru;q=0.8, *;q=0.1"), most_accepted("PL-pl"), most_accepted("de")
    ('ru', 'pl', 'en')
    """
    best, weight = ENGLISH, 0.0
    for choice in header.split(","):
        tag, _, parameters = choice.strip().partition(";")
        language, quality = tag.strip().lower().partition("-")[0], _quality(parameters)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

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
    return told or accepted_language(request.headers.get("accept-language", ""))


def accepted_language(header: str) -> str:
    """Returns the language of an Accept-Language header (RFC 9110, section 12.5.4) that is preferred most.

    Examples
    --------
    >>> accepted_language("de, sk-SK;q=0.7, ru;q=0.8, *;q=0.1"), accepted_language("PL-pl"), accepted_language("de")
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

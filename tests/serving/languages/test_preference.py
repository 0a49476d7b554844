import pytest
from starlette.requests import Request

from serving.languages.preference import accepted_language, asked_language, most_accepted, preferred_language


def request(query="", **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "query_string": query.encode(), "headers": pairs})


@pytest.mark.parametrize(
    ("query", "headers", "language"),
    [
        ("lang=pl", {"cookie": "lang=sk", "accept_language": "ru"}, "pl"),
        ("", {"cookie": "lang=sk", "accept_language": "ru"}, "sk"),
        ("lang=xx", {"cookie": "lang=../en", "accept_language": "ru"}, "ru"),
        ("lang=", {}, "en"),
    ],
)
def test_the_address_comes_before_the_cookie_and_the_browser(query, headers, language):
    assert preferred_language(request(query, **headers)) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("pl,en;q=0.9", "pl"),
        ("en;q=0.5, ru-RU ; q=0.9", "ru"),
        ("sk;q=0", "en"),
        ("pl;q=high, sk;q=0.1", "sk"),
        ("pl;q=nan", "en"),
        (",;,=", "en"),
    ],
)
def test_the_browser_prefers_by_weight(header, language):
    assert most_accepted(header) == language
    assert accepted_language(request(accept_language=header)) == language


def test_programs_ask_in_the_address_and_get_english_without() -> None:
    assert [asked_language(query) for query in ({}, {"lang": "sk"}, {"lang": "xx"})] == ["en", "sk", "en"]

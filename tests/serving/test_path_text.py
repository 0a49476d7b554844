import pytest
from starlette.requests import Request

from serving.errors import RequestError
from serving.path_text import path_text


def asked(sent: str) -> Request:
    return Request({"type": "http", "path_params": {"name": sent}})


def test_what_was_sent_is_decoded() -> None:
    assert path_text(asked("a%2Fb%20%C3%A9"), "name") == "a/b é"
    assert path_text(asked("%ff"), "name") == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("sent", ["a%00b", "x" * 501, "%C3%A9" * 501])
def test_what_no_database_takes_is_refused(sent: str) -> None:
    with pytest.raises(RequestError, match="correct it"):
        path_text(asked(sent), "name")

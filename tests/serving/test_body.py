import gzip

import pytest

from serving.body import parse_object, unpack
from serving.errors import BodySizeError, MalformedBodyError, RequestError


def test_gzip_is_unpacked() -> None:
    assert unpack(gzip.compress(b"hello", mtime=0), 5) == b"hello"


def test_what_unpacks_without_end_is_given_up() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    assert len(bomb) < 100_000
    with pytest.raises(BodySizeError, match="larger than 100000 bytes"):
        unpack(bomb, 100_000)


@pytest.mark.parametrize(
    "packed", [b"hello", b"", gzip.compress(b"hello", mtime=0)[:-3], gzip.compress(b"hello", mtime=0) + b"more"]
)
def test_a_gzip_that_is_none_is_malformed(packed: bytes) -> None:
    with pytest.raises(MalformedBodyError, match="gzip"):
        unpack(packed, 100)


def test_an_object_is_read() -> None:
    assert parse_object('{"ä": 1.5}'.encode()) == {"ä": 1.5}


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}', b'{"a": Infinity}', b"\xff{}", b"[" * 100_000])
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBodyError, match="the body is not JSON in UTF-8"):
        parse_object(body)


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"a"'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError, match="the body is no object"):
        parse_object(body)

from starlette.requests import Request

from serving.pages.session import COOKIE, cookie_key, is_own_page


def asked(method: str, **headers: str) -> Request:
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": lines})


def test_reading_takes_the_cookie_and_writing_needs_an_origin() -> None:
    cookie = f"{COOKIE}=ns_1_2"
    assert cookie_key(asked("GET", cookie=cookie)) == "ns_1_2"
    assert cookie_key(asked("DELETE", cookie=cookie, host="a.example")) == ""
    assert cookie_key(asked("DELETE", cookie=cookie, host="a.example", origin="https://a.example")) == "ns_1_2"


def test_an_origin_that_is_no_address_is_nobody_s() -> None:
    assert not is_own_page(asked("POST", origin="http://[", host="["))


def test_a_page_without_a_host_is_nobody_s() -> None:
    assert not is_own_page(asked("POST"))
    assert not is_own_page(asked("POST", origin="null", host=""))

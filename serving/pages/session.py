"""The key of somebody who signed in with a browser: a cookie that no script reads and no other site sends."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "nextstage_key"
READING = ("GET", "HEAD")


def cookie_key(request: Request) -> str:
    """Returns the key in the cookie; none for a write that does not come from a page of this service."""
    return request.cookies.get(COOKIE, "") if request.method in READING or is_own_page(request) else ""


def is_own_page(request: Request) -> bool:
    """Says whether a request was made by a page of the host that it is sent to; browsers tell, and scripts cannot lie.

    Sec-Fetch-Site is only sent over HTTPS and to this machine; Origin comes with every write.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:  # it is no address
        return False
    return place == request.headers.get("host", "").lower() != "" and site in (None, "same-origin")


def sign_in(response: Response, request: Request, secret: str) -> None:
    """Keeps a key in the browser until it is closed."""
    proto = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(COOKIE, secret, httponly=True, samesite="strict", path="/", secure=proto == "https")


def sign_out(response: Response) -> None:
    """Forgets the key."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")

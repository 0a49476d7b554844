"""Reads a name or an id from the path of a request, where it is percent-encoded."""

from urllib.parse import unquote

from starlette.requests import Request

from serving.errors import RequestError

LONGEST = 500  # characters


def path_text(request: Request, parameter: str) -> str:
    """Returns a parameter of the path; bytes that are no UTF-8 become the sign for that.

    Raises
    ------
    RequestError
        If it is too long, or has a NUL, which some databases do not know.
    """
    text = unquote(request.path_params[parameter], errors="replace")
    if "\0" in text or len(text) > LONGEST:
        raise RequestError(f"the path names something by a NUL or more than {LONGEST} characters; correct it")
    return text

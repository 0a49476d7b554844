"""Who may look at pages: who may ask for scores, by a key in a cookie, or from this machine while there is none."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.errors import NextstageError
from features.journey import Journey
from serving.body import read_body
from serving.errors import PageError, ScopeError, UnknownKeyError
from serving.gate import Gate
from serving.guarded import GuardedRoute, Handler
from serving.keys import SCORE
from serving.languages.messages import ENGLISH, messages
from serving.languages.preference import preferred_language
from serving.pages.rendering import page
from serving.pages.safety import HEADERS
from serving.pages.session import is_own_page, sign_in, sign_out
from serving.problems import status_of

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
LARGEST_FORM = 4 * 1024
WORDS_OF_STATUS = {
    HTTPStatus.FORBIDDEN: "error.forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "error.busy",
    HTTPStatus.SERVICE_UNAVAILABLE: "error.unavailable",
}
Page = Callable[[Request], Awaitable[Response]]


class PageRoute(GuardedRoute):
    """A page; a reader who may not see it is asked to sign in, and what goes wrong is said in words.

    It asks the gate itself, for its answer to a stranger is a page as well. A program is answered as everywhere else.
    """

    def __init__(self, gate: Gate, path: str, show: Page, journey: Journey) -> None:
        async def shown(request: Request, caller: str) -> Response:
            del caller
            return await answer_page(request, gate, show, journey)

        super().__init__(gate, "GET", path, shown, None)
        self.needed = SCORE


async def answer_page(request: Request, gate: Gate, show: Page, journey: Journey) -> Response:
    """Returns a page to who may see it, and to others the way to sign in.

    Raises
    ------
    NextstageError
        If something is wrong and no browser asks.
    """
    try:
        await gate.admit(request, SCORE)
        return await show(request)
    except UnknownKeyError:
        if not wants_page(request):
            raise
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(there)}", HTTPStatus.SEE_OTHER, HEADERS)
    except NextstageError as error:
        if not wants_page(request):
            raise
        return problem_page(request, error, journey)


def problem_page(request: Request, error: NextstageError, journey: Journey) -> Response:
    """Returns what went wrong as a page; a sentence that has no translation stands below one that has."""
    status, spoken, detail = status_of(error), messages(preferred_language(request)), None
    if isinstance(error, PageError):
        told = error.said(spoken)
    elif spoken.language == ENGLISH:
        told = str(error)
    else:
        told, detail = spoken.text(WORDS_OF_STATUS.get(status, "error.other")), str(error)
    return page(request, "problem.html", journey, status, told=told, detail=detail)


def access_routes(gate: Gate, journey: Journey) -> list[GuardedRoute]:
    """Returns the routes by which a browser gets and loses its key."""

    async def form(request: Request, caller: str) -> Response:
        del caller
        return page(request, "sign_in.html", journey, next=own_path(request.query_params.get("next", "/")), wrong=False)

    async def enter(request: Request, caller: str) -> Response:
        del caller
        given = parse_qs((await read_body(request, LARGEST_FORM)).decode("utf-8", "replace"))
        secret, there = given.get("key", [""])[0].strip(), own_path(given.get("next", ["/"])[0])
        _check_own_page(request)
        if not await gate.opens(secret, SCORE):
            if not wants_page(request):
                raise UnknownKeyError("the form holds no API key that works and has the scope 'score'; give one")
            return page(request, "sign_in.html", journey, HTTPStatus.UNAUTHORIZED, next=there, wrong=True)
        response = RedirectResponse(there, HTTPStatus.SEE_OTHER, HEADERS)
        sign_in(response, request, secret)
        return response

    async def leave(request: Request, caller: str) -> Response:
        del caller
        _check_own_page(request)
        response = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER, HEADERS)
        sign_out(response)
        return response

    ways: list[tuple[str, str, Handler]] = [
        ("GET", SIGN_IN, form),
        ("POST", SIGN_IN, enter),
        ("POST", SIGN_OUT, leave),
    ]
    return [GuardedRoute(gate, method, path, handler, None) for method, path, handler in ways]


def wants_page(request: Request) -> bool:
    """Says whether a browser asks; a program that does not speak of HTML reads JSON."""
    return "text/html" in request.headers.get("accept", "")


def _check_own_page(request: Request) -> None:
    if not is_own_page(request):
        raise ScopeError("a form of another site was sent here; use the page of this service")


def own_path(address: str) -> str:
    """Returns a path of this service; what would lead elsewhere leads to the first page.

    Examples
    --------
    >>> own_path("/dashboard/flows?period=1"), own_path("//elsewhere"), own_path("https://elsewhere")
    ('/dashboard/flows?period=1', '/', '/')
    """
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_own else "/"

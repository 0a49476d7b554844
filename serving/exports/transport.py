"""Sends requests over HTTP: again after a failure that may pass, later each time, and not at all if it never will."""

import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from features.errors import NextstageError

TOO_MANY, SERVER_ERROR = 429, 500
ABOUT_CONTENT = frozenset((400, 404, 409, 410, 422))
MOST_TOLD = 200


class PushError(NextstageError):
    """Raised when a receiver cannot be reached or refuses a request as a whole."""


class RequestRefusedError(PushError):
    """Raised when a receiver says that a request is wrong: sent again, it would be wrong again.

    Parameters
    ----------
    status
        The HTTP status; none where it was told in another way.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def concerns_one(self) -> bool:
        """Says whether it is about what was sent, and not about who sends."""
        return self.status in ABOUT_CONTENT


class UnsettledError(PushError):
    """Raised when a receiver does not say what became of a request that may have arrived: the next push asks again."""

    def __init__(self, problem: RequestRefusedError) -> None:
        super().__init__(str(problem))
        self.status = problem.status


@contextmanager
def unsettled() -> Iterator[None]:
    """Keeps a refusal to tell from passing for a refusal of what was sent, which would be sent a second time."""
    try:
        yield
    except RequestRefusedError as problem:
        raise UnsettledError(problem) from None


@dataclass(frozen=True)
class Answer:
    """What the receiver said."""

    status: int
    body: str


@dataclass(frozen=True)
class Transport:
    """A way to send requests.

    Parameters
    ----------
    tries
        How often at most.
    first, longest
        Seconds to wait before the second try, and at most; in between it doubles. Each wait is a random part of that,
        so that many senders do not come back at once; a receiver that names a time gets that time.
    timeout
        Seconds until an answer is given up.
    wait
        What waits: the clock.
    """

    tries: int = 6
    first: float = 1.0
    longest: float = 60.0
    timeout: float = 30.0
    wait: Callable[[float], None] = time.sleep
    draw: random.Random = field(default_factory=random.Random)

    def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """Returns the answer to a POST that was taken at least in part; raises as ``send`` does."""
        return self.send("POST", url, body, headers)

    def send(self, method: str, url: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        """Returns the answer to a request that was taken at least in part.

        Raises
        ------
        PushError
            If it is refused, or every try fails. What was sent along to prove who we are is not in the message.
        """
        problem = ""
        for number in range(self.tries):
            if number:
                self.wait(self._pause(number, problem))
            try:
                return self._once(method, url, body, headers)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code != TOO_MANY and error.code < SERVER_ERROR:
                        told = error.read(MOST_TOLD).decode("utf-8", errors="replace")
                        raise RequestRefusedError(
                            f"{_host(url)} refuses the request with {error.code}: {told!r}; correct it and send again",
                            error.code,
                        ) from None
                    problem = error.headers.get("Retry-After", "") or f"status {error.code}"
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                problem = type(error).__name__
        raise PushError(f"{_host(url)} does not answer after {self.tries} tries ({problem}); send again later")

    def _once(self, method: str, url: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        content = headers if body is None else {"Content-Type": "application/json", **headers}
        data = None if body is None else body.encode()
        request = urllib.request.Request(url, data, dict(content), method=method)  # noqa: S310 - https or a test's server
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
            return Answer(answer.status, answer.read().decode("utf-8", errors="replace"))

    def _pause(self, number: int, problem: str) -> float:
        if problem.isdecimal():
            return min(float(problem), self.longest)
        longest = min(self.longest, self.first * 2.0 ** (number - 1))
        return self.draw.uniform(0.5, 1.0) * longest


def _host(url: str) -> str:
    return urlsplit(url).netloc

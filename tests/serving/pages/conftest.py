"""The dashboard of a scored store, asked without a network."""

import asyncio
from typing import Any

import httpx
import pytest

from serving.routes import build_app
from tests.serving.scored import ScoredStore

HERE = "http://127.0.0.1:3000"


class Visitor:
    """A browser on a machine, as far as headers and cookies go.

    Parameters
    ----------
    address
        Of the machine.
    """

    def __init__(self, scored: ScoredStore, address: str = "127.0.0.1") -> None:
        self._app = build_app(scored.scorer)
        self._address = address
        self.cookies = httpx.Cookies()

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("POST", path, **given)

    def put(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("PUT", path, **given)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        """Returns an answer and keeps its cookies."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=(self._address, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                answer = await client.request(method, path, headers={"Accept": "text/html", **(headers or {})}, **given)
                self.cookies = client.cookies
                return answer

        return asyncio.run(asked())


@pytest.fixture
def site(scored: ScoredStore) -> Visitor:
    """A browser on this machine, where there are no keys."""
    return Visitor(scored)

"""The dashboard of a scored store, asked without a network."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from serving.routes import build_app
from tests.serving.scored import ScoredStore

HERE = "http://127.0.0.1:3000"


def client_of(scored: ScoredStore, address: str = "127.0.0.1") -> TestClient:
    """Returns a browser on a machine."""
    return TestClient(
        build_app(scored.scorer),
        base_url=HERE,
        client=(address, 50_000),
        headers={"Accept": "text/html"},
        follow_redirects=False,
    )


@pytest.fixture(scope="session")
def site(scored: ScoredStore) -> Iterator[TestClient]:
    """A browser on this machine, where there are no keys."""
    with client_of(scored) as client:
        yield client

"""A whole service under hostile requests and under schemathesis; benchmarks/hostile.py sends ten times as many."""

from collections.abc import Iterator

import mlflow
import pandas as pd
import pytest

from benchmarks.hostile import ask_all, broken_http, known_score, schemathesis
from benchmarks.hostile_requests import MARK
from benchmarks.hostile_routes import every_hostile_request, operations
from benchmarks.lived_in import live_in
from benchmarks.served import EXAMPLES, Served, is_ready
from models.predictor import RegisteredPredictor
from serving.keys import SCOPES, create_key
from serving.openapi import describe_api
from serving.settings import Settings
from serving.store import Store
from tests.serving.conftest import MODEL, served


@pytest.fixture(scope="module")
def target(
    registry: str, model: RegisteredPredictor, events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service of its own: what it is sent would be in the way of other tests."""
    mlflow.set_tracking_uri(registry)  # of this process and its children
    folder = tmp_path_factory.mktemp("hostile")
    url, log = f"sqlite:///{folder}/nextstage.db", folder / "output.txt"
    with Store(url) as store:
        store.add(events)
        for name, other in EXAMPLES.items():
            store.add(events[events["customer_id"] == other].assign(customer_id=name).drop(columns="event_id"))
        live_in(store, model, folder, store.newest() or 0)
        key = create_key(store.database, "tests", SCOPES, 5, "tests")
    with log.open("wb") as output, served(Settings(url, MODEL, rate=1e6), output) as client:
        yield Served(int(client.base_url.port or 0), key, log)


def test_a_thousand_hostile_requests_are_refused_with_a_sentence_each(target: Served) -> None:
    before = known_score(target)
    faults, statuses = ask_all(target, every_hostile_request(1_000, 5))
    assert not faults, "\n".join(faults[:5])
    assert sum(statuses.values()) > 1_000
    assert {400, 401, 403, 404, 405, 413, 422} <= statuses.keys()
    assert broken_http(target) == []
    assert is_ready(target.port)
    assert known_score(target) == before
    told = target.log.read_text(encoding="utf-8")
    assert "Traceback" not in told
    assert " failed: " not in told
    assert MARK not in told


def test_every_route_of_the_document_is_asked_in_more_than_one_way() -> None:
    asked = {" ".join(each.name.split()[-2:]) for each in every_hostile_request(2_000, 5) if " of " in each.name}
    assert asked == {f"{each.method} {each.template}" for each in operations(describe_api())}


def test_schemathesis_finds_nothing(target: Served) -> None:
    found = schemathesis(target, 3, 1)
    assert found is None, found
    assert " failed: " not in target.log.read_text(encoding="utf-8")

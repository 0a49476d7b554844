"""The served process gives the bits of the batch, whichever way a customer comes to it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pandas as pd
import pytest
from sqlalchemy import text

from features.timestamps import to_iso
from models.predictor import Predictor, RegisteredPredictor
from models.registry import CHAMPION, log_predictor, set_alias
from serving.batch import score_all
from serving.settings import Settings
from serving.store import Store
from tests.serving.conftest import MODEL, served
from tests.serving.test_routes import assert_problem

MESSAGE = {"userId": "whispered", "event": "whispered", "timestamp": "2024-09-01T08:30:00Z"}


@pytest.fixture(scope="module")
def batch(filled: tuple[str, Store], model: RegisteredPredictor, cutoff: int) -> dict[str, dict[str, Any]]:
    return {record["customer_id"]: record for record in score_all(filled[1], model, cutoff).records()}


def ask(service: httpx.Client, **question: Any) -> list[dict[str, Any]]:
    answer = service.post("/score", content=json.dumps(question))
    assert answer.status_code == 200, answer.text
    scores: list[dict[str, Any]] = answer.json()["scores"]
    return scores


def test_all_customers_in_one_request_get_the_bits_of_the_batch(
    service: httpx.Client, batch: dict[str, dict[str, Any]], cutoff: int
) -> None:
    names = sorted(batch, reverse=True)
    assert ask(service, customer_ids=names, as_of=to_iso(cutoff)) == [batch[name] for name in names]


def test_each_customer_alone_gets_the_bits_of_the_batch(
    service: httpx.Client, batch: dict[str, dict[str, Any]], cutoff: int
) -> None:
    for name, record in batch.items():
        assert ask(service, customer_ids=[name], as_of=to_iso(cutoff)) == [record]


def test_inline_events_get_the_bits_of_the_batch(
    service: httpx.Client,
    batch: dict[str, dict[str, Any]],
    events: pd.DataFrame,
    attributes: pd.DataFrame,
    cutoff: int,
) -> None:
    inline = inline_events(events)
    known = inline_attributes(attributes)
    order = list(dict.fromkeys(event["customer_id"] for event in inline))
    assert ask(service, events=inline, attributes=known, as_of=to_iso(cutoff)) == [batch[name] for name in order]
    name = order[7]
    alone = [event for event in inline if event["customer_id"] == name]
    mine = {key: record for key, record in known.items() if key == name}
    assert ask(service, events=alone, attributes=mine, as_of=to_iso(cutoff)) == [batch[name]]


def test_a_customer_asked_for_twice_is_answered_twice(service: httpx.Client, batch: dict[str, dict[str, Any]]) -> None:
    name = min(batch)
    first, second = ask(service, customer_ids=[name, name])
    assert first == second


def test_without_a_cutoff_it_is_now(service: httpx.Client, batch: dict[str, dict[str, Any]]) -> None:
    before = pd.Timestamp.now("UTC")
    answer = service.post("/score", json={"customer_ids": [min(batch)]}).json()
    as_of = pd.Timestamp(answer["as_of"])
    assert before <= as_of <= pd.Timestamp.now("UTC")
    assert answer["scores"][0]["as_of"] == answer["as_of"]
    assert answer["model"] == {"name": "small", "version": "1"}


def test_what_the_service_loads_later_leaves_training_alone() -> None:
    code = "import sys, serving.routes, serving.scorer, serving.store, models.registry; "
    code += "sys.exit(bool({'training', 'dask', 'optuna'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_model_is_described(service: httpx.Client, model: RegisteredPredictor) -> None:
    described = service.get("/model").json()
    assert described["fingerprint"] == model.predictor.fingerprint
    assert [target["target"] for target in described["targets"]] == ["next_stage", "churn", "purchase"]


def test_probes_answer(service: httpx.Client) -> None:
    assert service.get("/healthz").status_code == 200
    assert service.get("/readyz").status_code == 200


def test_the_first_page_is_ours_and_loads_nothing_from_outside(service: httpx.Client) -> None:
    page = service.get("/")
    assert page.json()["service"] == "nextstage"
    assert "http" not in page.text


@pytest.fixture(scope="module")
def strict(registry: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Store, Path]]:
    """A process that allows little, its store, and the file of its output."""
    mlflow.set_tracking_uri(registry)  # of this process and its children
    folder = tmp_path_factory.mktemp("strict")
    output, url = folder / "output.txt", f"sqlite:///{folder}/nextstage.db"
    settings = Settings(url, MODEL, rate=20, timeout=0.5)
    with output.open("wb") as log, Store(url) as store, served(settings, log) as client:
        yield client, store, output


def test_a_request_that_takes_too_long_is_a_problem(strict: tuple[httpx.Client, Store, Path]) -> None:
    client, store, _ = strict
    with store.database.writing():
        started = time.monotonic()
        assert_problem(client.post("/v1/track", json=MESSAGE), 504)
        assert 0.4 < time.monotonic() - started < 5
    assert client.get("/readyz").status_code == 200


def test_who_asks_too_often_is_told_when_to_come_back(strict: tuple[httpx.Client, Store, Path]) -> None:
    answers = [strict[0].get("/model") for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    for answer in refused:
        assert_problem(answer, 429)
        assert answer.headers["retry-after"] == "1"
    time.sleep(1)
    assert strict[0].get("/model").status_code == 200


def test_the_log_tells_of_no_key_and_of_failures_but_not_of_customers(
    strict: tuple[httpx.Client, Store, Path],
) -> None:
    client, store, output = strict
    time.sleep(1)
    assert client.post("/v1/track", json=MESSAGE).status_code == 200
    assert_problem(client.post("/v1/track", json={**MESSAGE, "timestamp": "soon"}), 422)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE events SET extra = 'whispered secret'"))
        connection.execute(text("INSERT INTO fields (scope, name, kind) VALUES ('event', 'size', 'text')"))
    assert_problem(client.post("/score", json={"customer_ids": ["whispered"]}), 500)
    with store.database.writing() as connection:
        connection.execute(text("DROP TABLE fields"))
    assert_problem(client.post("/v1/track", json=MESSAGE), 503)
    told = output.read_text(encoding="utf-8")
    assert "there is no API key yet, so only programs on this machine are answered" in told
    assert "POST /score failed: JSONDecodeError in " in told
    assert "whispered" not in told
    assert "Traceback" not in told


def inline_events(events: pd.DataFrame) -> list[dict[str, Any]]:
    texts = events.assign(
        timestamp=[moment.isoformat() for moment in events["timestamp"]],
        known_at=[None if pd.isna(moment) else moment.isoformat() for moment in events["known_at"]],
    ).astype(object)
    rows: list[dict[str, Any]] = texts.where(texts.notna(), None).to_dict("records")
    return rows


def inline_attributes(attributes: pd.DataFrame) -> dict[str, dict[str, Any]]:
    plain = attributes.astype(object).where(attributes.notna(), None)
    rows: list[dict[str, Any]] = plain.to_dict("records")
    return {row.pop("customer_id"): row for row in rows}


@pytest.mark.usefixtures("registry")
def test_the_champion_is_replaced_without_a_dropped_request(
    predictor: Predictor, events: pd.DataFrame, filled: tuple[str, Store], cutoff: int
) -> None:
    experiment = mlflow.get_experiment_by_name("tests")
    example = events.head(5).astype({"timestamp": "str"})[["customer_id", "timestamp", "event", "channel", "value"]]
    with mlflow.start_run(experiment_id=experiment.experiment_id):
        first, second = (log_predictor(predictor, "replaced", example) for _ in range(2))
    set_alias("replaced", CHAMPION, first)
    with served(Settings(filled[0], "models:/replaced@champion", workers=2)) as client:
        set_alias("replaced", CHAMPION, second)
        seen, limit = [], time.monotonic() + 40
        while seen[-20:] != [second] * 20 and time.monotonic() < limit:
            answer = client.post("/score", json={"customer_ids": ["c0001"], "as_of": to_iso(cutoff)})
            assert answer.status_code == 200
            seen.append(answer.json()["model"]["version"])
            time.sleep(0.02)
        metrics = client.get("/metrics").text
    assert set(seen) == {first, second}
    assert 'nextstage_model{name="replaced",version="2"} 1.0' in metrics
    assert 'nextstage_scores_total{stage="' in metrics

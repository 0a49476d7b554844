"""The served process gives the bits of the batch, whichever way a customer comes to it."""

import json
import subprocess
import sys
from typing import Any

import httpx
import pandas as pd
import pytest

from features.timestamps import to_iso
from models.predictor import RegisteredPredictor
from serving.batch import score_all
from serving.store import Store


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

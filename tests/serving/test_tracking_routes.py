"""Clients of Segment send to the served process, and what it accepts is in the store."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from segment.analytics.client import Client

from serving.messages import LARGEST_BATCH, LARGEST_MESSAGE
from tests.serving.conftest import Keyed
from tests.serving.test_routes import assert_problem
from tests.serving.test_store import texts


def track(customer: str, **more: Any) -> dict[str, Any]:
    return {"type": "track", "userId": customer, "event": "Product Viewed", "timestamp": "2024-09-01T08:30:00Z"} | more


def send(keyed: Keyed, path: str, message: Any) -> None:
    answer = keyed.client.post(path, json=message, auth=(keyed.keys["ingest"], ""))
    assert (answer.status_code, answer.json()) == (200, {"success": True}), answer.text


@pytest.mark.parametrize("is_packed", [False, True])
def test_segments_own_client_sends_every_type_of_message(keyed: Keyed, is_packed: bool) -> None:
    failures: list[Exception] = []
    client = Client(
        keyed.keys["ingest"],
        host=str(keyed.client.base_url),
        on_error=lambda error, _: failures.append(error),
        gzip=is_packed,
        max_retries=1,
    )
    name = f"python-{is_packed}"
    moment = datetime.now(UTC) - timedelta(hours=1)
    mail = {"campaign": {"source": "newsletter", "medium": "email"}}
    client.track(f"{name}-cookie", "Signed Up", timestamp=moment)
    client.alias(f"{name}-cookie", name)
    client.identify(name, {"plan": "pro", "email": "synthetic@example.com", "seats": 3})
    client.track(name, "Order Completed", {"revenue": 12.5}, context=mail, timestamp=moment, message_id=f"{name}-order")
    client.track(name, "Order Completed", {"revenue": 12.5}, context=mail, timestamp=moment, message_id=f"{name}-order")
    client.page(name, "Docs", "API", timestamp=moment)
    client.screen(name, "App", "Home", timestamp=moment)
    client.group(name, "acme", {"employees": 7})
    client.track(name, "Unsubscribed")
    client.shutdown()
    assert failures == []
    log = keyed.store.log([name])
    assert sorted(map(str, texts(log, "event"))) == sorted(
        ["Signed Up", "Order Completed", "Page Viewed", "Screen Viewed", "Unsubscribed"]
    )
    bought = texts(log, "event").index("Order Completed")
    assert log.measures["value"][bought] == 12.5
    assert texts(log, "channel")[bought] == "email"
    assert log.time.min() > moment.timestamp() * 1e6 + 3_599 * 10**6, "it was known an hour later"
    assert log.dated is not None
    assert log.dated.columns["plan"].texts().tolist()[-1] == "pro"
    assert log.dated.columns["group_employees"].tolist()[-1] == 7
    assert "email" not in log.dated.columns
    assert keyed.store.suppressed([name]) == {name}


@pytest.mark.parametrize("kind", ["track", "page", "screen", "identify", "group", "alias"])
def test_a_message_goes_to_the_path_of_its_type(keyed: Keyed, kind: str) -> None:
    message = track(f"path-{kind}", previousId="before", groupId="acme", traits={"plan": "free"})
    del message["type"]
    send(keyed, f"/v1/{kind}", message)
    assert keyed.client.get(f"/customers/path-{kind}/export", headers=keyed.as_("admin")).status_code == 200


def test_a_message_that_is_sent_again_counts_once(keyed: Keyed) -> None:
    message = track("twice", messageId="m-twice")
    for _ in range(2):
        send(keyed, "/v1/track", message)
        send(keyed, "/v1/batch", {"batch": [message, message]})
    assert keyed.store.log(["twice"]).n_events == 1


def test_history_is_known_when_it_happened(keyed: Keyed) -> None:
    send(keyed, "/v1/import", {"batch": [track("historic")]})
    send(keyed, "/v1/batch", {"batch": [track("late")]})
    assert keyed.store.log(["historic"]).time.tolist() == [1_725_179_400_000_000]
    assert keyed.store.log(["late"]).time[0] > 1_725_179_400_000_000


def test_what_comes_in_is_scored_at_once(keyed: Keyed) -> None:
    send(keyed, "/v1/track", track("fresh", event="purchase", properties={"value": 20}))
    answer = keyed.client.post("/score", json={"customer_ids": ["fresh"]}, headers=keyed.as_("score"))
    assert answer.json()["scores"][0]["stage_current"] == "occasional"


SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
BAD = {
    "no JSON": (400, "/v1/batch", b"{"),
    "no gzip": (400, "/v1/batch", gzip.compress(b"{}")),
    "too large": (413, "/v1/batch", b" " * (LARGEST_BATCH + 1)),
    "one message too large": (413, "/v1/track", b" " * (LARGEST_MESSAGE + 1)),
    "one of a batch too large": (413, "/v1/batch", {"batch": [track("bad", event="x" * LARGEST_MESSAGE)]}),
    "no batch": (422, "/v1/batch", {}),
    "nobody": (422, "/v1/track", {"event": "x"}),
    "one bad of two": (422, "/v1/batch", {"batch": [track("bad"), track("bad", timestamp="soon")]}),
    "from the future": (422, "/v1/batch", {"batch": [track("bad", timestamp=SOON)]}),
    "half a surrogate": (422, "/v1/track", track("bad", event="\ud800")),
    "a NUL": (422, "/v1/track", track("bad", event="\0")),
    "a value without end": (422, "/v1/track", track("bad", properties={"value": 10**400})),
    "a word as value": (422, "/v1/track", track("bad", properties={"value": "much"})),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_request_is_a_problem_and_stores_nothing(keyed: Keyed, case: str) -> None:
    status, path, body = BAD[case]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    before = keyed.store.count()
    assert_problem(keyed.client.post(path, content=content, auth=(keyed.keys["ingest"], "")), status)
    assert keyed.store.count() == before


def test_a_body_that_unpacks_without_end_is_refused(keyed: Keyed) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    headers = {"Content-Encoding": "gzip", **keyed.as_("ingest")}
    assert_problem(keyed.client.post("/v1/batch", content=bomb, headers=headers), 413)

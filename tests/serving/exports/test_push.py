"""Scores arrive once each: after failures, after partial failures, and after the sender was killed."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from serving.exports.deliveries import Deliveries
from serving.exports.destinations import HubSpotContacts, Webhook, WebhookBody
from serving.exports.hubspot import HubSpot
from serving.exports.push import Push, PushReport
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import PushError, RequestRefusedError, Transport
from tests.serving.exports.conftest import table
from tests.serving.exports.receivers import Received, serving

FRAME = table(*({"customer_id": str(number), "email": f"{number}@example.com"} for number in range(230)))
SENDER = """
import sys
from pathlib import Path
from tests.serving.exports.test_push import FRAME, push
push(FRAME, sys.argv[1], Path(sys.argv[2]))
"""


def push(frame: pd.DataFrame, url: str, journal: Path, token: str = "secret", **changes: Any) -> PushReport:  # noqa: S107
    destination = HubSpotContacts(token, HubSpot("run"), url)
    with Deliveries(journal, "hubspot") as deliveries:
        way = Push(destination, deliveries, Transport(wait=lambda _: None), **changes)
        return way.send(exported_rows(frame, "email"), present_fields(frame))


def told(received: Received) -> list[str]:
    """Returns whom the receiver was told of, each as often as it took it."""
    return [made["properties"]["email"] for body in received.taken.values() for made in body["inputs"]]


def test_everybody_arrives_once_and_a_second_push_sends_nothing(tmp_path):
    with serving(Received()) as received:
        first = push(FRAME, received.url, tmp_path / "push.db")
        again = push(FRAME.assign(scored_at="2024-09-06T00:00:00Z"), received.url, tmp_path / "push.db")
    assert (first.sent, first.requests) == (230, 3)
    assert (again.sent, again.unchanged, again.requests) == (0, 230, 0)
    assert sorted(told(received)) == sorted(FRAME["email"])


def test_only_changed_rows_are_sent(tmp_path):
    changed = FRAME.assign(purchase_prob=FRAME["purchase_prob"].where(FRAME.index != 7, 0.9))
    with serving(Received()) as received:
        push(FRAME, received.url, tmp_path / "push.db")
        report = push(changed, received.url, tmp_path / "push.db")
    assert (report.sent, report.unchanged) == (1, 229)
    assert told(received)[-1] == "7@example.com"


def test_who_was_refused_is_named_and_sent_again_the_next_time(tmp_path):
    errors = [{"message": "INVALID_EMAIL", "context": {"objectWriteTraceId": ["run:5"]}}]
    with serving(Received(answers=[(207, {}, {"numErrors": 1, "errors": errors})])) as received:
        first = push(FRAME[:10], received.url, tmp_path / "push.db")
        again = push(FRAME[:10], received.url, tmp_path / "push.db")
    assert (first.sent, first.refused) == (9, {"5": "INVALID_EMAIL"})
    assert (again.sent, told(received)) == (1, ["5@example.com"])


def test_a_dry_run_sends_nothing_and_tells_what_it_would(tmp_path):
    with serving(Received()) as received:
        report = push(FRAME, received.url, tmp_path / "push.db", dry_run=True)
        assert (report.sent, report.requests, received.requests) == (230, 3, [])
        assert push(FRAME, received.url, tmp_path / "push.db").sent == 230


def test_properties_that_hubspot_lacks_are_made_once_and_not_by_a_dry_run(tmp_path):
    with serving(Received(properties={"nextstage_churn_prob": {"name": "nextstage_churn_prob"}})) as received:
        push(FRAME, received.url, tmp_path / "push.db", dry_run=True)
        assert len(received.properties) == 1
        push(FRAME, received.url, tmp_path / "push.db")
        assert {
            f"nextstage_{name}" for name in ("purchase_prob", "stage_next", "as_of")
        } - received.properties.keys() == {
            "nextstage_as_of"  # not among the scores
        }
        made = dict(received.properties)
        push(FRAME.assign(purchase_prob=0.1), received.url, tmp_path / "push.db")
    assert received.properties == made


def test_a_wrong_key_ends_the_push_and_blocks_no_later_one(tmp_path):
    with serving(Received()) as received:
        with pytest.raises(RequestRefusedError, match="not authorized"):
            push(FRAME, received.url, tmp_path / "push.db", token="wrong")  # noqa: S106
        assert push(FRAME, received.url, tmp_path / "push.db").sent == 230


def test_a_receiver_that_fails_for_long_is_tried_again_under_the_same_key(tmp_path):
    with serving(Received(answers=[(503, {}, {})] * 6)) as received:
        with pytest.raises(PushError, match="does not answer"):
            push(FRAME[:10], received.url, tmp_path / "push.db")
        assert push(FRAME[:10], received.url, tmp_path / "push.db").sent == 10
    assert len({headers["idempotency-key"] for headers, _ in received.requests}) == 1


def test_killed_in_the_middle_it_goes_on_and_nobody_is_told_twice(tmp_path):
    journal = tmp_path / "push.db"
    with serving(Received(stall_at=2)) as received:
        command = [sys.executable, "-c", SENDER, received.url, str(journal)]
        child = subprocess.Popen(command, cwd=Path(__file__).parents[3])
        assert received.stalled.wait(60)  # the second request was taken, and its answer never comes
        child.send_signal(signal.SIGKILL)
        child.wait()
        received.go_on.set()
        report = push(FRAME, received.url, journal)
    assert report.unchanged == 200  # of the first request and of the one that was repeated
    keys = [headers["idempotency-key"] for headers, _ in received.requests]
    assert (len(keys), len(set(keys))) == (4, 3)
    assert sorted(told(received)) == sorted(FRAME["email"])


def test_a_webhook_carries_the_same_id_when_it_is_sent_again(tmp_path):
    received = Received(token="", answers=[(500, {}, {})])
    secret = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"  # noqa: S105
    with serving(received), Deliveries(tmp_path / "push.db", "webhook") as journal:
        webhook = Webhook(received.url, (secret,), WebhookBody())
        way = Push(webhook, journal, Transport(wait=lambda _: None))
        assert way.send(exported_rows(FRAME[:3]), present_fields(FRAME)).sent == 3
    first, second = (headers["webhook-id"] for headers, _ in received.requests)
    assert first == second

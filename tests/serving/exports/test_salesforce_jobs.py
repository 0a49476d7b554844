"""Rows reach Salesforce once each, wherever a push is cut off."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serving.exports.deliveries import Deliveries
from serving.exports.push import Push, PushReport
from serving.exports.salesforce_jobs import SalesforceContacts, SalesforceFile
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import PushError, RequestRefusedError, Transport
from tests.serving.exports.conftest import table
from tests.serving.exports.cutting import CutOff, Cutting
from tests.serving.exports.receivers import Counted, serving
from tests.serving.exports.salesforce_server import Salesforce

FRAME = table(*({"customer_id": f"c,{number}"} for number in range(25)))

SENDER = """
import sys
from pathlib import Path
from tests.serving.exports.test_salesforce_jobs import push
push(sys.argv[1], Path(sys.argv[2]))
"""


def push(url: str, journal: Path, transport: Transport | None = None, token: str = "secret") -> PushReport:  # noqa: S107
    destination = SalesforceContacts(token, url, SalesforceFile(most=10))
    with Deliveries(journal, "salesforce") as deliveries:
        way = Push(destination, deliveries, transport or Transport(wait=lambda _: None))
        return way.send(exported_rows(FRAME), present_fields(FRAME))


def test_everybody_arrives_once_in_jobs_and_a_second_push_makes_none(tmp_path: Path) -> None:
    with serving(Counted(Salesforce())) as received:
        report = push(received.url, tmp_path / "push.db")
        again = push(received.url, tmp_path / "push.db")
    assert (report.sent, report.requests, again.unchanged, again.requests) == (25, 3, 25, 0)
    assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1)
    assert [job["state"] for job in received.tool.jobs.values()] == ["JobComplete"] * 3


def test_a_row_that_failed_is_named_with_its_error_and_sent_again(tmp_path: Path) -> None:
    error = "DUPLICATE_VALUE:duplicate value found:--"
    with serving(Counted(Salesforce(bad={"c,7": error}))) as received:
        report = push(received.url, tmp_path / "push.db")
        assert (report.sent, report.refused) == (24, {"c,7": error})
        received.tool.bad.clear()
        assert push(received.url, tmp_path / "push.db").sent == 1
    assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1)


def test_a_job_that_fails_as_a_whole_is_one_sentence_and_blocks_no_later_push(tmp_path: Path) -> None:
    with serving(Counted(Salesforce(fails="InvalidBatch : Field name not found : Nextstage_As_Of__c"))) as received:
        with pytest.raises(RequestRefusedError, match=r"took nothing of job \w+ \(InvalidBatch : Field name not found"):
            push(received.url, tmp_path / "push.db")
        received.tool.fails = ""
        assert push(received.url, tmp_path / "push.db").sent == 25


def test_a_wrong_token_is_told_without_it(tmp_path: Path) -> None:
    refusal = pytest.raises(RequestRefusedError, match="refuses the request with 401")
    with serving(Counted(Salesforce())) as received, refusal as refused:
        push(received.url, tmp_path / "push.db", token="hidden")  # noqa: S106
    assert "hidden" not in str(refused.value)


def test_a_job_that_takes_long_is_waited_for_by_the_next_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Counted(Salesforce())) as received:
        with monkeypatch.context() as patch:
            patch.setattr("serving.exports.salesforce_jobs.POLLS", 1)
            with pytest.raises(PushError, match="push again later, and it goes on from there"):
                push(received.url, tmp_path / "push.db")
        push(received.url, tmp_path / "push.db")
    assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1)
    assert len(received.tool.jobs) == 3


@pytest.mark.parametrize("is_answered", [False, True])
def test_cut_off_at_any_request_every_row_arrives_once(tmp_path: Path, is_answered: bool) -> None:
    with serving(Counted(Salesforce())) as received:
        push(received.url, tmp_path / "whole.db")
    for cut in range(1, len(received.calls) + 1):
        with serving(Counted(Salesforce())) as received:
            journal = tmp_path / f"{cut}.db"
            with pytest.raises(CutOff):
                push(received.url, journal, Cutting(cut, is_answered))
            with pytest.raises(CutOff):  # and once more, soon after it goes on
                push(received.url, journal, Cutting(2, is_answered))
            with pytest.raises(PushError, match="401"):  # the token has expired: nobody knows what arrived
                push(received.url, journal, token="expired")  # noqa: S106
            push(received.url, journal)
        assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1), received.calls[:cut]


@pytest.mark.parametrize("stall_at", [2, 3])  # the upload, and the word that it is complete: taken, but not answered
def test_killed_in_the_middle_of_a_job_every_row_arrives_once(tmp_path: Path, stall_at: int) -> None:
    journal = tmp_path / "push.db"
    with serving(Counted(Salesforce(), stall_at=stall_at)) as received:
        command = [sys.executable, "-c", SENDER, received.url, str(journal)]
        child = subprocess.Popen(command, cwd=Path(__file__).parents[3])
        assert received.stalled.wait(60)
        child.send_signal(signal.SIGKILL)
        child.wait()
        received.go_on.set()
        assert push(received.url, journal).sent == 25
    assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1)
    states = [job["state"] for job in received.tool.jobs.values()]
    assert states == (["Aborted"] if stall_at == 2 else []) + ["JobComplete"] * 3


def test_a_lost_answer_to_the_end_of_an_upload_is_no_failure(tmp_path: Path) -> None:
    with serving(Counted(Salesforce())) as received:
        report = push(received.url, tmp_path / "push.db", Cutting(3, is_answered=True, again=True))
    assert report.sent == 25
    assert received.tool.upserts == dict.fromkeys(FRAME["customer_id"], 1)

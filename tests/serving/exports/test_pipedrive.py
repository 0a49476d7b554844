"""Scores reach Pipedrive's persons once each, in fields that are found by name."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serving.exports.deliveries import Deliveries
from serving.exports.pipedrive import PipedrivePersons
from serving.exports.push import Push, PushReport
from serving.exports.score_fields import exported_rows, present_fields
from serving.exports.transport import PushError, RequestRefusedError, Transport
from tests.serving.exports.conftest import table
from tests.serving.exports.cutting import CutOff, Cutting
from tests.serving.exports.pipedrive_server import Pipedrive
from tests.serving.exports.receivers import Counted, serving

PEOPLE = [f"{number}@example.com" for number in range(4)]
FRAME = table(*({"customer_id": f"c{number}", "email": who} for number, who in enumerate(PEOPLE)))
SENDER = """
import sys
from pathlib import Path
from tests.serving.exports.test_pipedrive import push
push(sys.argv[1], Path(sys.argv[2]))
"""


def push(url: str, journal: Path, transport: Transport | None = None, token: str = "secret") -> PushReport:  # noqa: S107
    with Deliveries(journal, "pipedrive") as deliveries:
        way = Push(PipedrivePersons(token, url), deliveries, transport or Transport(wait=lambda _: None))
        return way.send(exported_rows(FRAME, "email"), present_fields(FRAME))


def test_fields_are_found_or_made_and_every_person_is_told_once(tmp_path: Path) -> None:
    tool = Pipedrive.of(PEOPLE)
    tool.fields |= {"nextstage_purchase_prob": "a" * 40}
    with serving(Counted(tool)) as received:
        report = push(received.url, tmp_path / "push.db")
        again = push(received.url, tmp_path / "push.db")
    assert (report.sent, again.unchanged, again.requests) == (4, 4, 0)
    assert set(tool.patches.values()) == {1}
    held = tool.persons[100]["custom_fields"]
    assert held["a" * 40] == 0.412
    assert held[tool.fields["nextstage_stage_next"]] == "purchase"
    assert set(held) == set(tool.fields.values()) - {"f" * 40}


def test_who_is_not_there_or_there_twice_is_named_and_the_others_arrive(tmp_path: Path) -> None:
    tool = Pipedrive.of([*PEOPLE[:2], PEOPLE[2], PEOPLE[2]])
    with serving(Counted(tool)) as received:
        report = push(received.url, tmp_path / "push.db")
    assert report.sent == 2
    assert report.refused == {
        "c2": "2 persons have this e-mail address; there must be one",
        "c3": "0 persons have this e-mail address; there must be one",
    }


def test_a_refused_person_is_one_customers_matter_and_a_wrong_token_everybodys(tmp_path: Path) -> None:
    tool = Pipedrive.of(PEOPLE)
    with serving(Counted(tool)) as received:
        destination = PipedrivePersons("secret", received.url)
        with Deliveries(tmp_path / "push.db", "pipedrive") as journal:
            way = Push(destination, journal, Transport(wait=lambda _: None))
            destination.prepare(present_fields(FRAME), way.transport)
            tool.fields.clear()  # somebody deletes the fields meanwhile
            object.__setattr__(destination, "prepare", lambda *_: None)
            report = way.send(exported_rows(FRAME, "email"), present_fields(FRAME))
        assert len(report.refused) == 4
        assert "unknown field" in report.refused["c0"]
        with pytest.raises(RequestRefusedError, match="refuses the request with 401"):
            push(received.url, tmp_path / "other.db", token="hidden")  # noqa: S106


@pytest.mark.parametrize("is_answered", [False, True])
def test_cut_off_at_any_request_every_person_is_told_once(tmp_path: Path, is_answered: bool) -> None:
    with serving(Counted(Pipedrive.of(PEOPLE[:2]))) as received:
        push(received.url, tmp_path / "whole.db")
        calls = [call for call in received.calls if "personFields" not in call or call.startswith("GET")]
    for cut in range(len(received.calls) - len(calls) + 1, len(received.calls) + 1):
        with serving(Counted(Pipedrive.of(PEOPLE))) as received:
            journal = tmp_path / f"{cut}.db"
            with pytest.raises(CutOff):
                push(received.url, journal, Cutting(cut, is_answered))
            with pytest.raises(PushError, match="401"):  # the token has expired: nobody knows what arrived
                push(received.url, journal, token="expired")  # noqa: S106
            push(received.url, journal)
        assert received.tool.patches == dict.fromkeys(range(100, 104), 1), cut


def test_killed_while_a_person_is_written_it_goes_on_and_writes_nobody_twice(tmp_path: Path) -> None:
    tool, journal = Pipedrive.of(PEOPLE), tmp_path / "push.db"
    with serving(Counted(tool)) as received:
        push(received.url, tmp_path / "other.db")  # makes the fields
    tool.patches.clear()
    tool.page = 100
    for person in tool.persons.values():
        person["custom_fields"].clear()
    with serving(Counted(tool, stall_at=5)) as received:
        child = subprocess.Popen(
            [sys.executable, "-c", SENDER, received.url, str(journal)], cwd=Path(__file__).parents[3]
        )
        assert received.stalled.wait(60)
        child.send_signal(signal.SIGKILL)
        child.wait()
        received.go_on.set()
        assert received.calls[4].startswith("PATCH")  # it was taken, and its answer never came
        push(received.url, journal)
    assert tool.patches == dict.fromkeys(range(100, 104), 1)

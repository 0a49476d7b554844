"""What leaves a folder for other tools."""

from pathlib import Path

import pandas as pd
import pytest

from commands.options import Outgoing
from commands.outgoing import push_scores, scores_to_export
from commands.workspace import opened_store
from features.errors import ConfigError
from serving.campaigns.members import read_members
from serving.consents import Consent
from serving.exports.deliveries import Deliveries, Request
from serving.exports.files import write_files
from serving.exports.leftovers import JOURNAL
from tests.serving.exports.receivers import Received, serving


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    rows = {"customer_id": ["a", "b"], "as_of": ["2024-09-05T00:00:00Z"] * 2, "stage_current": ["new", "loyal"]}
    pd.DataFrame(rows | {"purchase_prob": [0.25, 0.5]}).to_parquet(tmp_path / "scores.parquet")
    (tmp_path / "people.csv").write_text("customer_id,email\na,a@example.com\nb,b@example.com\n", encoding="utf-8")
    with opened_store(tmp_path) as store:
        store.add_consents([Consent("a", "granted", 1, "x"), Consent("a", "revoked", 2, "x")])
    return tmp_path


def test_scores_leave_with_addresses_and_with_what_was_consented_to(scored: Path) -> None:
    frame = scores_to_export(scored, Outgoing(str(scored / "people.csv")))
    assert frame["email"].tolist() == ["b@example.com"]
    written = write_files("hubspot", frame, scored / "out")[0].read_text(encoding="utf-8")
    assert "b@example.com" in written
    assert "a@example.com" not in written


def test_a_push_that_was_cut_off_tells_nothing_of_who_opted_out_since(
    scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBSPOT_TOKEN", "secret")
    outgoing = Outgoing(str(scored / "people.csv"))
    with serving(Received()) as received:
        with Deliveries(scored / JOURNAL, f"hubspot {received.url}") as journal:
            body = '{"inputs": [{"id": "a@example.com"}, {"id": "b@example.com"}]}'
            journal.begin(Request("cut off", body, {"a": "1", "b": "1"}))
        assert push_scores(scored, "hubspot", outgoing, received.url, True).sent == 1, "which forgets nothing"
        assert push_scores(scored, "hubspot", outgoing, received.url, False).sent == 1
    assert [made["id"] for told in received.taken.values() for made in told["inputs"]] == ["b@example.com"]


def test_a_dry_run_says_what_would_be_pushed(scored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="the environment has no HUBSPOT_TOKEN"):
        push_scores(scored, "hubspot", Outgoing(str(scored / "people.csv")), None, True)
    monkeypatch.setenv("HUBSPOT_TOKEN", "hidden")
    report = push_scores(scored, "hubspot", Outgoing(str(scored / "people.csv")), None, True)
    assert (report.sent, report.requests) == (1, 1)
    with pytest.raises(ConfigError, match="nothing can be pushed to 'hubspt'; did you mean 'hubspot'"):
        push_scores(scored, "hubspt", Outgoing(), None, True)
    with pytest.raises(ConfigError, match="braze has no address of its own; give one by --url"):
        push_scores(scored, "braze", Outgoing(), None, True)


def test_a_push_of_a_campaign_tells_those_treated_and_keeps_who_was(
    scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = pd.DataFrame({"customer_id": [f"c{number}" for number in range(60)], "stage_current": "new"})
    many.assign(as_of="2024-09-05T00:00:00Z", purchase_prob=0.5).to_parquet(scored / "scores.parquet")
    people = many[["customer_id"]].assign(email=many["customer_id"] + "@example.com")
    people.to_csv(scored / "people.csv", index=False)
    monkeypatch.setenv("HUBSPOT_TOKEN", "secret")
    outgoing = Outgoing(str(scored / "people.csv"), campaign="may", holdout="40%")
    wrong = [f"x:c{number}" for number in range(20)]  # so many that some of them are treated, whoever is drawn
    errors = [{"message": "INVALID_EMAIL", "context": {"objectWriteTraceId": wrong}}]
    with serving(Received(answers=[(207, {}, {"numErrors": len(wrong), "errors": errors})])) as received:
        first = push_scores(scored, "hubspot", outgoing, received.url, False)
        again = push_scores(scored, "hubspot", outgoing, received.url, False)
    with opened_store(scored) as store, store.database.reading() as connection:
        members = read_members(connection, "may")
    treated = members[members["arm"] == "treated"]
    assert (first.sent + len(first.refused), again.sent) == (len(treated), len(first.refused))
    told = [made for body in received.taken.values() for made in body["inputs"]]
    assert {made["properties"]["nextstage_campaign"] for made in told} == {"may"}
    assert {made["id"].split("@")[0] for made in told} <= set(treated["customer_id"])
    assert treated["sent_at"].notna().all()
    assert 10 <= (members["arm"] == "control").sum() <= 40

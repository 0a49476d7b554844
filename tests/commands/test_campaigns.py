"""A campaign from the command line: how large, sent without its control group, and what came of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from commands.options import parse_share
from features.errors import ConfigError, NextstageError
from nextstage import app
from serving.consents import Consent
from serving.store import Store
from tests.data import generated_events

Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with events, scores, an audience and a journey; nobody has been sent anything."""
    events = generated_events(customers=200, days=40)
    customers = sorted(events["customer_id"].unique())
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        store.add(events)
        store.add_consents([Consent(customers[0], "revoked", 5, "form")])
    scores = pd.DataFrame({"customer_id": customers, "as_of": "2024-02-01T00:00:00Z", "stage_current": "regular"})
    scores.assign(purchase_prob=0.5, purchase_decile=2).to_parquet(tmp_path / "scores.parquet")
    (tmp_path / "audiences").mkdir()
    scores.head(101)[["customer_id"]].to_csv(tmp_path / "audiences" / "few.csv", index=False)
    (tmp_path / "nextstage.yaml").write_text("data: {events: events.csv}\njourney: retail\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> str:
        ended = CliRunner().invoke(app, arguments, catch_exceptions=False)
        return ended.output

    return command


def test_the_control_group_is_in_no_file_and_the_report_knows_both_arms(run: Run, folder: Path) -> None:
    assert "scores.csv" in run("export", "csv", "--campaign", "may", "--holdout", "30%", "--audience", "few")
    exported = pd.read_csv(folder / "exports" / "scores.csv")
    (listed,) = json.loads(run("campaign", "list", "--json"))
    assert (listed["treated"], listed["sent"]) == (len(exported), len(exported))
    assert listed["treated"] + listed["control"] == 100  # of 101 in the audience one revoked consent
    assert exported["campaign"].unique().tolist() == ["may"]
    assert "may" in run("campaign", "list")
    assert run("campaign", "report", "may").startswith("Too early: the 28 days of 100 members are not over yet")
    assert run("campaign", "report", "may", "--lang", "pl").startswith("Za wcześnie: okres 28 dni jeszcze trwa dla 100")
    assert json.loads(run("campaign", "report", "may", "--json"))["verdict"] == "too early"
    run("export", "csv", "--campaign", "may", "--audience", "few")
    assert len(pd.read_csv(folder / "exports" / "scores.csv")) == len(exported)


def test_a_campaign_whose_days_are_over_is_reported_group_by_group(run: Run, folder: Path) -> None:
    run("export", "csv", "--campaign", "may", "--holdout", "0.3")
    with Store(f"sqlite:///{folder}/nextstage.db") as store, store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE campaign_members SET assigned_at = 1704672000000000")  # 2024-01-08
    shown = run("campaign", "report", "may", "--days", "7")
    assert "stage regular" in shown
    assert "decile 2" in shown
    assert "hold at once" in shown


def test_a_dry_push_of_a_campaign_leaves_no_trace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXTSTAGE_WEBHOOK_SECRETS", "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB")
    push = ("push", "webhook", "--url", "http://127.0.0.1:9/", "--dry-run")
    everybody = int(run(*push).split()[0])
    assert int(run(*push, "--campaign", "may", "--holdout", "30%").split()[0]) < everybody
    assert json.loads(run("campaign", "list", "--json")) == []


def test_power_says_how_many_customers_are_needed(run: Run) -> None:
    size = json.loads(run("campaign", "power", "--baseline", "8%", "--lift", "10%", "--json"))
    assert size["customers"] == size["treated"] + size["control"]
    assert f"{size['customers']:,} customers: " in run("campaign", "power", "--baseline", "0.08", "--lift", "0.1")


def test_channels_are_credited_with_the_purchases_that_came_by_them(run: Run) -> None:
    found = json.loads(run("channels", "--json"))
    assert sum(credit["markov"] for credit in found["channels"]) == pytest.approx(found["purchases"])
    assert sum(credit["shapley"] for credit in found["channels"]) == pytest.approx(found["purchases"])
    assert {credit["channel"] for credit in found["channels"] if credit["markov"] > 0} == {"mail", "web"}
    assert f"{found['purchases']:,} of {found['paths']:,} paths ended with a purchase" in run("channels")


def test_of_customers_with_too_few_messages_there_is_not_enough_data(run: Run, folder: Path) -> None:
    done = (("09", "Email Delivered"), ("10", "Push Notification Received"), ("11", "Push Notification Tapped"))
    rows = [("c0001", f"2024-01-{day:02d}T{hour}:00:00Z", name) for day in range(1, 29, 4) for hour, name in done]
    with Store(f"sqlite:///{folder}/nextstage.db") as store:
        store.add(pd.DataFrame(rows, columns=["customer_id", "timestamp", "event"]))
    assert "Channel and hour of 1 of 199 customers are in scores.parquet" in " ".join(run("contact").split())
    scores = pd.read_parquet(folder / "scores.parquet").set_index("customer_id")
    assert scores["next_channel"].to_dict()["c0001"] == "push"
    assert scores["next_channel"].notna().sum() == 1
    run("export", "csv")
    assert pd.read_csv(folder / "exports" / "scores.csv")["next_channel"].notna().sum() == 1
    assert "of 0 of 199" in run("contact", "--sent", "campaign_mailed=mail", "--answered", "purchase=mail")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export", "csv", "--holdout", "10%"), "name it by --campaign as well"),
        (("export", "csv", "--campaign", "may", "--holdout", "ten"), "--holdout 'ten' is no share"),
        (("export", "csv", "--audience", "fewe"), "no audience is called 'fewe'; did you mean 'few'"),
        (("campaign", "report", "may"), "no campaign is called 'may'; known: none"),
        (("contact", "--sent", "campaign_mailed"), "--sent and --answered belong together"),
        (("contact", "--sent", "mail", "--answered", "x=mail"), "--sent 'mail' names nothing"),
        (("campaign", "power", "--baseline", "120%", "--lift", "1%"), "baseline is 1.2; give a share"),
    ],
)
def test_what_is_wrong_is_one_sentence(run: Run, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(NextstageError, match=says):
        run(*arguments)


def test_a_share_may_be_written_in_two_ways() -> None:
    assert parse_share("12.5%", "holdout") == parse_share("0.125", "holdout") == 0.125
    with pytest.raises(ConfigError):
        parse_share("a tenth", "holdout")

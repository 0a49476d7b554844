"""The command line as a user meets it: what works, and one sentence with exit code 2 for what was wrong."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from nextstage import main
from serving.exports.deliveries import Deliveries, Request
from serving.exports.files import write_files
from serving.exports.leftovers import EXPORTS, JOURNAL
from serving.personal_data import erase_customer
from serving.store import Store
from tests.data import generated_events
from tests.traces import traces
from tests.training.conftest import CONFIG
from training.config import load_config

GOLDEN = Path(__file__).parent.parent / "golden" / "formats"
FIRST = "!zoë/4711 +x"
"""The customer whose events come first in every table."""
Ended = Callable[..., tuple[int, str, str]]


def nextstage(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "NEXTSTAGE_"))}
    return subprocess.run(
        [sys.executable, "-m", "nextstage", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**environment, "COLUMNS": "200"},
        timeout=300,
    )


@pytest.fixture
def ended_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ended:
    """Returns the command line without a process of its own, for what ends before much is imported."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["nextstage", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    events = generated_events().replace({"customer_id": {"c0000": FIRST}})
    events.assign(timestamp=events["timestamp"].map(lambda moment: moment.isoformat())).to_csv(
        folder / "events.csv", index=False
    )
    tracking = "tracking: {uri: 'sqlite:///registry.db', model_name: shop}\n"
    (folder / "nextstage.yaml").write_text(CONFIG.replace(".parquet", ".csv") + tracking, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path) -> subprocess.CompletedProcess[str]:
    return nextstage("train", "--json", folder=folder)


def test_train_promote_import_score_segment_and_erase(
    folder: Path, trained: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    assert trained.returncode == 0, trained.stderr
    measured = json.loads(trained.stdout)["metrics"].keys()
    assert {"next_stage_28d", "churn_28d", "purchase_28d", "spend_28d"} <= measured
    assert "What each customer spends" in trained.stderr
    promoted = nextstage("promote", "--force", folder=folder)  # on so few customers some target may be graded C
    assert "Version 1 is the champion: the first champion." in promoted.stdout
    events = len(generated_events())
    for new in (events, 0):  # the second time every row is known
        assert f"{new:,} of {events:,} events are new." in nextstage("import", "events.csv", folder=folder).stdout
    scored = nextstage("score", "--as-of", "2024-10-26T00:00:00Z", folder=folder)
    assert scored.returncode == 0, scored.stderr
    scores = pd.read_parquet(folder / "scores.parquet")
    assert len(scores) == generated_events()["customer_id"].nunique()
    divided = nextstage("partition", "events.csv", "parts", "--partitions", "2", folder=folder)
    assert f"{events:,} events of {len(scores):,} customers in 2 partitions: parts" in divided.stdout
    moment = ("--as-of", "2024-10-26T00:00:00Z")
    assert nextstage("score", "--partitions", "parts", *moment, "-o", "tables", folder=folder).returncode == 0
    tables = pd.read_parquet(folder / "tables").sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(tables, scores, check_exact=True)
    picked = nextstage("segment", "leaving", "--order-by", "churn_14d", "--top", "10", folder=folder)
    assert "10 customers in 'leaving'" in picked.stdout
    audience = pd.read_csv(folder / "audiences" / "leaving.csv")
    assert audience["churn_14d"].tolist() == scores["churn_14d"].dropna().nlargest(10).tolist()
    told = nextstage("personas", *moment, folder=folder)
    assert f"{len(scores):,} customers assigned: personas.parquet" in told.stdout
    assert "P1" in told.stdout
    told = nextstage("personas", *moment, "--lang", "ru", folder=folder)
    assert "клиентов: " in told.stdout or "Устойчивого деления нет" in told.stdout
    reported = nextstage("report", "--lang", "sk", "--mermaid", folder=folder)
    assert reported.stdout.split() == ["report.html", "report.mmd"], reported.stderr
    assert "Cesta zákazníka: Maloobchod" in (folder / "report.html").read_text(encoding="utf-8")
    assert "Nakupuje každý týždeň" in (folder / "report.mmd").read_text(encoding="utf-8")
    # a divided log stays as it is, and is divided anew
    erased_without_a_trace(shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("parts")))


def erased_without_a_trace(folder: Path) -> None:
    scores = pd.read_parquet(folder / "scores.parquet")
    write_files("csv", scores, folder / EXPORTS)
    with Deliveries(folder / JOURNAL, "a receiver") as journal:
        journal.begin(Request("key", "body", {FIRST: "digest"}))
    with Store(f"sqlite:///{folder}/nextstage.db") as store:
        others = len(store.customers()) - 1
        assert {trace.split(":")[0] for trace in traces(folder, FIRST)} >= {
            "nextstage.db",
            "events.csv",
            "scores.parquet",
            "exports/scores.csv",
            "pushed.db",
        }
        erased = erase_customer(store.database, FIRST, 5, "me").erased
        assert erased["rows_of_files"] == erased["events"] + 4  # events.csv, two score tables, personas, export
        assert traces(folder, FIRST) == []
        assert len(store.customers()) == others
    assert len(pd.read_csv(folder / "events.csv")) == len(generated_events()) - erased["events"]


def test_training_twice_gives_the_same_fingerprint(
    folder: Path, trained: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    for name in ("events.csv", "nextstage.yaml"):
        shutil.copy(folder / name, tmp_path)
    again = nextstage("train", "--json", folder=tmp_path)
    assert json.loads(again.stdout)["metrics"] == json.loads(trained.stdout)["metrics"]
    fingerprints = [
        json.loads(path.read_text(encoding="utf-8"))["fingerprint"]
        for place in (folder, tmp_path)
        for path in (place / "mlruns").rglob("predictor.json")
    ]
    assert len(fingerprints) == 2
    assert fingerprints[0] == fingerprints[1]


def test_tune_writes_what_train_then_uses(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "events.csv", tmp_path)
    text = "horizons: [14d]\nhorizon: 14d\n" + (folder / "nextstage.yaml").read_text(encoding="utf-8")
    (tmp_path / "nextstage.yaml").write_text(text, encoding="utf-8")
    tuned = nextstage("tune", "--trials", "1", "--write", "--json", folder=tmp_path)
    assert tuned.returncode == 0, tuned.stderr
    found = json.loads(tuned.stdout)
    assert found["finished"] + found["pruned"] == 2
    assert "log loss" in tuned.stderr
    config = load_config(tmp_path / "nextstage.yaml")
    assert asdict(config.model.options()) == found["best"]
    assert (tmp_path / "nextstage.yaml").read_text(encoding="utf-8").startswith("horizons: [14d]\n")


def test_check_says_line_by_line_whether_training_can_begin(ended_here: Ended, tmp_path: Path) -> None:
    events = generated_events(300)
    events.to_parquet(tmp_path / "events.parquet")
    (tmp_path / "nextstage.yaml").write_text(CONFIG, encoding="utf-8")
    code, shown, _ = ended_here("check")
    assert code == 0
    assert "Ready: nothing blocks training" in shown
    assert "rows of churn_28d" in shown
    events.head(200).to_parquet(tmp_path / "events.parquet")
    code, shown, _ = ended_here("check", "--json")
    assert code == 1
    report = json.loads(shown)
    assert report["ready"] is False
    assert [it["subject"] for it in report["findings"] if it["verdict"] == "blocks training"] == ["periods"]
    code, shown, _ = ended_here("check")
    assert code == 1
    assert "Not ready: 1 of" in shown


COMMANDS = (
    *("quickstart", "check", "partition", "features", "train", "tune", "promote", "rollback"),
    *(
        "import",
        "score",
        "segment",
        "segments list",
        "segments show",
        "segments delete",
        "export",
        "push",
        "serve",
        "campaign list",
        "campaign report",
        "campaign uplift",
        "channels",
        "contact",
        "monitor",
        "build",
    ),
)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str, ended_here: Ended) -> None:
    code, shown, _ = ended_here(*command.split(), "--help")
    assert code == 0
    assert "--dir" in shown or not command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train"], "no nextstage.yaml in "),
        (["check"], "no nextstage.yaml in "),
        (["promote"], "no nextstage.yaml in "),
        (["tune"], "no nextstage.yaml in "),
        (["rollback"], "no nextstage.yaml in "),
        (["segment", "win-back"], "nothing says whom segment 'win-back' takes"),
        (["segment", "win-back", "--top", "5"], "run 'nextstage score' first"),
        (["segment", "win-back", "--where", "a ="], "where, character 3: '=' means nothing here; did you mean '=='?"),
        (["segment", "../x", "--top", "5"], "is no file name"),
        (["segments", "show", "win-back"], "no segment 'win-back' is kept"),
        (["segments", "delete", "win-back"], "no segment 'win-back' is kept"),
        (["export", "hubspot"], "run 'nextstage score' first"),
        (["push", "hubspot"], "run 'nextstage score' first"),
        (["import", "nowhere.csv"], "no file at nowhere.csv"),
        (["import", "ga4", "nowhere.jsonl"], "no file at nowhere.jsonl; give the files that the tool exported"),
        (["import", "gaa4", "x.jsonl"], "no format is called 'gaa4'; did you mean 'ga4'"),
        (["import", "csv", "x.csv", "-o", "log.parquet"], "use 'nextstage partition'"),
        (["import", "x.csv", "--date-format", "%d/%m/%Y"], "--date-format is for exports of other tools"),
        (["quickstart", "--no-serve", "--dir", "/dev/null/x"], "give a place that can be read and written"),
        (["train", "--dask", "tcp://127.0.0.1:8786"], "name its folder by --partitions as well"),
        (["train", "--partitions", "parts", "--from-store"], "takes the place of the store that --from-store reads"),
        (["partition", "nowhere.csv", "parts"], "no file at nowhere.csv"),
        (["features", "nowhere", "-o", "matrix"], "make one with 'nextstage partition EVENTS FOLDER'"),
    ],
)
def test_what_is_missing_or_wrong_is_one_sentence_and_exit_code_2(
    arguments: list[str], says: str, ended_here: Ended
) -> None:
    code, shown, errors = ended_here(*arguments)
    assert code == 2
    assert_one_sentence(says, shown, errors)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["score"], "run 'nextstage train' and 'nextstage promote' first"),
        (["serve"], "run 'nextstage train' and 'nextstage promote' first"),
        (["monitor"], "run 'nextstage train' and 'nextstage promote' first"),
        (["build"], "run 'nextstage train' and 'nextstage promote' first"),
        (["score", "--as-of", "2024-10-26 00:00"], "is no time with a zone"),
    ],
)
def test_so_it_is_with_what_asks_the_registry(arguments: list[str], says: str, tmp_path: Path) -> None:
    ended = nextstage(*arguments, folder=tmp_path)
    assert ended.returncode == 2
    assert_one_sentence(says, ended.stdout, ended.stderr)


def assert_one_sentence(says: str, shown: str, errors: str) -> None:
    last = errors.strip().splitlines()[-1]
    assert says in last
    assert last.startswith("nextstage: ")
    assert "Traceback" not in errors + shown


def test_a_bad_row_stores_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(
        "customer_id,timestamp,event\na,2024-01-01T00:00:00Z,purchase\n", encoding="utf-8"
    )
    (tmp_path / "bad.csv").write_text(
        "customer_id,timestamp,event\nb,2024-01-02T00:00:00Z,purchase\nb,soon,purchase\n", encoding="utf-8"
    )
    assert "1 of 1 events are new." in nextstage("import", "good.csv", folder=tmp_path).stdout
    before = (tmp_path / "nextstage.db").read_bytes()
    refused = nextstage("import", "bad.csv", folder=tmp_path)
    assert refused.returncode == 2
    assert "bad.csv line 3" in refused.stderr
    assert (tmp_path / "nextstage.db").read_bytes() == before


def test_an_export_of_another_tool_is_imported_and_its_damaged_rows_are_told(tmp_path: Path) -> None:
    sample = (GOLDEN / "segment.jsonl").read_text(encoding="utf-8")
    (tmp_path / "segment.jsonl").write_text(sample + "{torn\n", encoding="utf-8")
    ended = nextstage("import", "segment", "segment.jsonl", "--report", "report.json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "7 rows read: 6 used" in ended.stdout
    assert "segment.jsonl line 7: the row is no JSON" in ended.stdout
    assert "In the store: 3 new, 0 revised, 0 known." in ended.stdout
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["rows"]["refused"] == {
        "the row is no JSON": 1
    }


def test_a_folder_with_a_configuration_of_its_own_is_left_alone(folder: Path) -> None:
    before = (folder / "nextstage.yaml").read_text(encoding="utf-8")
    refused = nextstage("quickstart", "--no-serve", "--dir", str(folder), folder=folder)
    assert refused.returncode == 2
    assert "give an empty folder by --dir" in refused.stderr
    assert (folder / "nextstage.yaml").read_text(encoding="utf-8") == before


def test_the_version_is_told(ended_here: Ended) -> None:
    assert ended_here("--version")[:2] == (0, f"nextstage {version('nextstage')}\n")


def test_keys_are_made_listed_and_revoked(ended_here: Ended) -> None:
    assert ended_here("key", "list")[1].startswith("There is no key, so the service answers this machine only;")
    code, secret, _ = ended_here("key", "create", "--name", "shop [bold]", "--scope", "score", "--scope", "ingest")
    key_id = secret.split("_")[1]
    assert code == 0
    _, listed, _ = ended_here("key", "list")
    assert f"{key_id}  ingest, score  'shop [bold]'  created 20" in listed
    assert secret.strip() not in listed
    assert f"Key {key_id} is revoked." in ended_here("key", "revoke", key_id)[1]
    assert ", revoked 20" in ended_here("key", "list")[1]
    assert ended_here("key", "revoke", key_id)[::2] == (2, f"nextstage: no key '{key_id}' that works; known: none\n")
    assert "'scores' is no scope; did you mean 'score'?" in ended_here("key", "create", "--scope", "scores")[2]

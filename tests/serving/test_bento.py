"""A Bento serves by itself: built, copied away, and run where MLflow cannot be imported."""

import ast
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx
import pytest
import yaml

from features.errors import NextstageError
from models.predictor import RegisteredPredictor
from serving.bento import PACKAGES, REQUIREMENTS, build
from serving.keys import create_key, key_id_of, revoke_key
from serving.launch import stop
from serving.settings import DATABASE_URL, FOLDER, MODEL, RATE, WORKERS
from serving.store import Store
from tests.serving.conftest import free_port, wait_until_ready

ROOT = Path(__file__).parent.parent.parent
PER_SECOND = 10
LOADED = """
import serving.service, serving.routes, serving.scorer, serving.store, serving.personal_data, serving.loading, sys
print([name for name in sys.modules if name.split(".")[0] in ("features", "models", "serving")])
"""


@pytest.fixture(scope="module")
def bento(model: RegisteredPredictor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Bento, copied out of the store that it was built in."""
    folder = tmp_path_factory.mktemp("bento")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENTOML_HOME", str(folder / "home"))
        patch.setenv(MODEL, "models:/nobody@nowhere")
        assert build(model, folder / "copy").startswith("nextstage:")
    keep_machine_code(folder / "copy" / "src")
    return folder / "copy"


def keep_machine_code(source: Path) -> None:
    """Hands the copy what was compiled of the same files here: making it anew takes each process 20 s."""
    for package in PACKAGES:
        for path in (source / package).rglob("*.py"):
            shutil.copystat(ROOT / path.relative_to(source), path)
        for path in (ROOT / package).rglob("*.nb[ic]"):
            place = source / path.relative_to(ROOT)
            place.parent.mkdir(exist_ok=True)
            shutil.copy2(path, place)


@dataclass(frozen=True)
class Alone:
    """What serves a Bento by two workers; a request on a connection of its own may reach either."""

    client: httpx.Client
    folder: Path

    def ask(self, path: str, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.client.get(path, headers=headers | {"Connection": "close"})


@pytest.fixture(scope="module")
def alone(bento: Path, filled: tuple[str, Store], tmp_path_factory: pytest.TempPathFactory) -> Iterator["Alone"]:
    """The Bento, served from its folder by two workers that would fail to import MLflow."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "mlflow.py").write_text("raise ImportError('a Bento needs no MLflow')", encoding="utf-8")
    page = bento / "src" / "serving" / "openapi.py"
    page.write_text(page.read_text(encoding="utf-8").replace('"title": "nextstage"', '"title": "the copy"'))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "NEXTSTAGE_"))}
    with sqlite3.connect(filled[1].database.engine.url.database or "") as store:
        store.execute("VACUUM INTO ?", (str(folder / "nextstage.db"),))
    own |= {"BENTOML_HOME": str(folder / "home"), "PYTHONPATH": str(folder), WORKERS: "2", RATE: str(PER_SECOND)}
    own |= {DATABASE_URL: f"sqlite:///{folder}/nextstage.db", FOLDER: str(folder)}
    port = free_port()
    command = [sys.executable, "-m", "bentoml", "serve", str(bento), "--host", "127.0.0.1", "--port", str(port)]
    child = subprocess.Popen(command, env=own, cwd=folder, process_group=0)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            wait_until_ready(client, child)
            yield Alone(client, folder)
    finally:
        stop(child)


def test_the_bento_answers_as_the_service_does(alone: Alone, service: httpx.Client, filled: tuple[str, Store]) -> None:
    question = {"customer_ids": filled[1].customers()[:50], "as_of": "2024-06-01T00:00:00Z", "explain": True}
    answer = alone.client.post("/score", json=question)
    assert answer.status_code == 200, answer.text
    assert answer.content == service.post("/score", json=question).content
    assert alone.client.get("/model").json() == service.get("/model").json()


def test_the_bento_runs_its_own_code(alone: Alone) -> None:
    assert alone.client.get("/openapi.json").json()["info"]["title"] == "the copy"


def test_either_worker_tells_of_both(alone: Alone) -> None:
    before = counted(alone)
    for _ in range(40):
        assert alone.ask("/healthz").status_code == 200
    assert [counted(alone) for _ in range(4)] == [before + 40] * 4


def counted(alone: Alone) -> int:
    time.sleep(2 / PER_SECOND)  # each worker has half of the rate
    told = alone.ask("/metrics").text
    return sum(int(float(count)) for count in re.findall(r'total\{[^}]*route="/healthz"[^}]*\} (\S+)', told))


def test_two_workers_together_keep_to_the_rate(alone: Alone) -> None:
    started = time.monotonic()
    answers = [alone.ask("/model") for _ in range(100)]
    most = PER_SECOND * (1 + time.monotonic() - started) + 2
    allowed = [answer for answer in answers if answer.status_code == 200]
    assert 0 < len(allowed) <= most
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(429, "1")}


def test_a_key_is_known_and_forgotten_by_both_workers(alone: Alone) -> None:
    with Store(f"sqlite:///{alone.folder}/nextstage.db") as store:
        key, other = (create_key(store.database, "crm", ["score"], 5, "tests") for _ in range(2))
        time.sleep(1.5)
        assert {alone.ask("/model").status_code for _ in range(12)} == {401}
        assert {alone.ask("/model", key).status_code for _ in range(4)} == {200}
        revoke_key(store.database, str(key_id_of(key)), 6, "tests")
        time.sleep(1.5)
        assert {alone.ask("/model", key).status_code for _ in range(12)} == {401}
        assert {alone.ask("/model", other).status_code for _ in range(4)} == {200}


def test_the_requirements_are_names_and_versions_only(bento: Path) -> None:
    lines = (bento / "env" / "python" / "requirements.txt").read_text(encoding="utf-8").split()
    assert {line.partition("==")[0] for line in lines} == set(REQUIREMENTS)
    told = "".join(path.read_text(encoding="utf-8") for path in (bento / "env").rglob("*") if path.is_file())
    assert "--index-url" not in told
    assert str(ROOT) not in told + (bento / "bento.yaml").read_text(encoding="utf-8")
    assert "libgomp1" in told


def test_the_bento_says_which_model_it_holds(bento: Path, model: RegisteredPredictor) -> None:
    labels = yaml.safe_load((bento / "bento.yaml").read_text(encoding="utf-8"))["labels"]
    assert labels["version"] == model.version
    assert model.predictor.fingerprint.startswith(labels["fingerprint"])
    assert not list(bento.rglob("*.pyc"))


def test_everything_that_the_service_imports_is_required() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    files = [ROOT / f"{name.replace('.', '/')}.py" for name in ast.literal_eval(told)]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files if path.exists()]
    nodes = [node for tree in trees for node in tree.body]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    outside = {name.split(".")[0] for name in names} - sys.stdlib_module_names - set(PACKAGES)
    owners = packages_distributions()
    # numba brings the one llvmlite that fits it
    needed = {owners[name][0].lower().replace("_", "-") for name in outside}
    assert needed - {"llvmlite"} <= {name.partition("[")[0] for name in REQUIREMENTS}


def test_a_folder_that_is_there_is_not_written_over(model: RegisteredPredictor, tmp_path: Path) -> None:
    with pytest.raises(NextstageError, match="is there already; remove it"):
        build(model, tmp_path)


def test_a_changed_model_is_refused(bento: Path, tmp_path: Path) -> None:
    document = json.loads((bento / "src" / "champion" / "predictor.json").read_text(encoding="utf-8"))
    (tmp_path / "predictor.json").write_text(json.dumps(document | {"horizon": "7d"}), encoding="utf-8")
    for path in (bento / "src" / "champion").glob("*.txt"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(NextstageError, match="does not match its fingerprint"):
        RegisteredPredictor.load(tmp_path)

"""Makes a Bento: the code that serves and one model, in a folder that needs no MLflow and nothing of the checkout."""

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version as installed
from pathlib import Path

import yaml

from features.errors import NextstageError
from models.predictor import RegisteredPredictor
from serving.settings import PACKED, Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("features", "models", "serving")
REQUIREMENTS = (
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "msgspec",
    "pydantic",
    "typing-extensions",
    "jinja2",
    "babel",
    "threadpoolctl",
    "pyyaml",
    "lightgbm",
    "scikit-learn",
    "scipy",
    "bentoml",
    "starlette",
    "anyio",
    "sqlalchemy",
    "psycopg[binary]",
    "uvloop",
    "httptools",
    "prometheus-client",
)
"""What the served process imports; MLflow, DuckDB and whatever trains are not part of it."""
SYSTEM = "libgomp1"  # LightGBM's threads; slim images lack it
TAG = re.compile(r"^nextstage:\w+$", re.MULTILINE)


def build(model: RegisteredPredictor, export: Path | None = None) -> str:
    """Builds a Bento in BentoML's store and returns its tag.

    Parameters
    ----------
    export
        A folder of its own in which it is written as well.

    Raises
    ------
    NextstageError
        If BentoML refuses, or something is there already that would be written over.
    """
    if export is not None and export.exists():
        raise NextstageError(f"{export} is there already; remove it or give another place for the Bento")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_out(model, folder)
        told = _bentoml(["build", "--output", "tag", str(folder)], folder)
        tag = TAG.search(told.replace("__tag__:", ""))
        if tag is None:
            raise NextstageError(f"BentoML built nothing that it names: {_last_line(told)}")
        if export is not None:
            shutil.copytree(_bentoml(["get", tag[0], "--output", "path"], folder).strip(), export)
    return tag[0]


def lay_out(model: RegisteredPredictor, folder: Path) -> None:
    """Writes all that the Bento will hold, and the file that tells BentoML so."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    model.save(folder / PACKED.name)
    described = {
        "service": "serving.service:ScoringService",
        "labels": {"model": model.name, "version": model.version, "fingerprint": model.predictor.fingerprint[:16]},
        "include": [f"{name}/" for name in (*PACKAGES, PACKED.name)],
        "python": {"packages": requirements(), "lock_packages": False},  # locking asks the package index
        "docker": {"distro": "debian", "system_packages": [SYSTEM]},
    }
    (folder / "bentofile.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")


def requirements() -> list[str]:
    """Returns what the Bento needs, in the versions that are installed here."""
    return [f"{package}=={installed(package.partition('[')[0])}" for package in REQUIREMENTS]


def _bentoml(arguments: list[str], folder: Path) -> str:
    """Runs BentoML in a process of its own: it imports the service of the folder, and ours is another one."""
    environment = Settings(f"sqlite:///{folder}/unused.db").to_environment()
    environment["COLUMNS"] = str(sys.maxsize)  # or it breaks the paths that it prints into lines
    command = [sys.executable, "-m", "bentoml", *arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NextstageError(f"BentoML cannot {arguments[0]} the Bento: {_last_line(done.stderr or done.stdout)}")
    return done.stdout


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"

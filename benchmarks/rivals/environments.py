"""Environments for rivals that cannot live in the project's: made on demand from pinned requirements."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
APART = {"featuretools_": "featuretools", "featuretools_cheap": "featuretools", "getml_": "getml"}
"""The implementations that run apart, and the name of their environment."""


class UnavailableError(Exception):
    """An implementation that cannot run here; the message says why."""


def python_for(name: str, folder: Path, make: bool) -> Path:
    """Returns the interpreter that runs an implementation; ``make`` allows to create its environment.

    Raises
    ------
    UnavailableError
        If there is no environment, and it may not or cannot be made.
    """
    if name not in APART:
        return Path(sys.executable)
    home, requirements = folder / APART[name], HERE / f"requirements-{APART[name]}.txt"
    python, stamp = home / "bin" / "python", home / "requirements.txt"
    if stamp.is_file() and stamp.read_text() == requirements.read_text():
        return python.absolute()
    if not make:
        raise UnavailableError("its environment is not there; a full run makes it")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(home)], [*pip, "-r", str(requirements)]):
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
        if made.returncode:
            raise UnavailableError(f"its environment cannot be made: {last_line(made.stderr)}")
    stamp.write_text(requirements.read_text())
    return python.absolute()


def surroundings(folder: Path) -> dict[str, str]:
    """Returns the environment variables of a run: the project to import from, and a home that may be written to."""
    home = folder.absolute() / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "PYTHONWARNINGS": "ignore"}


def last_line(text: str) -> str:
    """Returns the last line that says something."""
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no message")

"""Imports point one way, heavy libraries stay in their rooms, and no file outgrows its reader."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("features", "models", "training", "serving")
MAY_IMPORT = {
    "features": {"features"},
    "models": {"features", "models"},
    "training": {"features", "models", "training"},
    "serving": {"features", "models", "serving"},
}
ROOMS = {
    "duckdb": ("features/sources/", "features/partitions.py"),
    "pyarrow": ("features/sources/", "features/partitions.py", "features/matrix.py", "serving/"),
    "msgspec": ("features/sources/", "serving/"),
    "dask": ("features/partitions.py", "training/distributed.py"),
    "distributed": ("features/partitions.py",),
    "numba": ("features/kernel/compiling.py", "models/treeshap.py"),
    "llvmlite": ("models/treeshap.py",),
    "mlflow": ("models/registry.py", "models/pyfunc.py", "training/tracking.py"),
    "optuna": ("training/tune.py",),
    "bentoml": ("serving/",),
    "sqlalchemy": ("serving/",),
    "sklearn": ("models/", "training/"),
    "lightgbm": ("models/", "training/distributed.py"),
}
COMMAND_LINE = ("commands", "nextstage")
NAMED_BY_OTHERS = {"psycopg", "uvloop", "httptools"}
"""Dependencies that no file imports: SQLAlchemy and uvicorn look for them by name."""
CHOSEN_BY_OTHERS = {"llvmlite"}
"""What is imported and not declared: numba needs one version of it."""
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
COMMANDS = [*sorted((ROOT / "commands").rglob("*.py")), ROOT / "nextstage.py"]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way_and_stay_in_their_rooms(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        top = name.split(".")[0]
        assert top not in PACKAGES or top in MAY_IMPORT[place.split("/")[0]], f"{place} imports {name}"
        assert top not in ROOMS or place.startswith(ROOMS[top]), f"{place} imports {name}"
        assert top not in COMMAND_LINE, f"{place} imports the command line"


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_command_line_leaves_heavy_libraries_in_their_rooms(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported(path)} & ROOMS.keys()
    assert path.name == "nextstage.py" or "nextstage" not in imported(path)


@pytest.mark.parametrize("path", [*SOURCES, *COMMANDS], ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            assert len([p for p in parameters if p.arg not in ("self", "cls")]) <= 6, f"{node.name} takes too many"
            assert (node.end_lineno or 0) - node.lineno < 60, f"{node.name} is too long"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("serving.service", ("training", "dask", "distributed", "optuna")),
        ("training.run", ("serving", "bentoml", "dask", "distributed", "optuna")),
        ("training.readiness.report", ("serving", "mlflow", "bentoml", "dask", "distributed")),
        ("serving.partitioned", ("training", "dask", "distributed")),
        ("features.featureset", ("sklearn", "lightgbm", "mlflow", "bentoml", "duckdb")),
        ("training.train", ("serving", "bentoml", "mlflow")),
        ("commands.importing", ("mlflow", "bentoml", "dask")),
        ("features.sources.importing.taking", ("pandas", "duckdb")),
    ],
)
def test_importing_a_module_leaves_the_others_alone(module: str, absent: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {absent!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert loaded.stdout.strip() == "[]"


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    required, optional = (
        {canonical(re.split(r"[^\w.-]", each)[0]) for each in listed}
        for listed in (project["dependencies"], [*extras["quickstart"], *extras["scale"]])
    )
    tops = {name.split(".")[0] for path in (*SOURCES, *COMMANDS) for name in imported(path)}
    others = tops - sys.stdlib_module_names - {*PACKAGES, *COMMAND_LINE}
    provided = packages_distributions()
    needed = {top: {canonical(name) for name in provided[top]} for top in others}
    assert {top for top, names in needed.items() if not names & (required | optional)} == CHOSEN_BY_OTHERS
    assert required - set().union(*needed.values()) == NAMED_BY_OTHERS


def canonical(name: str) -> str:
    """Returns a distribution's name as every spelling of it is compared."""
    return name.lower().replace("_", "-")


def test_every_module_has_a_test_file() -> None:
    """The tests mirror the packages, so that a stranger finds a behaviour's test by its name."""
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    laws_cover = {
        path.stem for room in ("aggregations", "kernel", "targets") for path in (ROOT / "features" / room).glob("*.py")
    }
    laws_cover |= {"history"}
    data_only = {"__init__", "arrays", "errors", "spec"}
    missing = {path.stem for path in SOURCES} - tested - laws_cover - data_only
    assert not missing, f"no test file for {sorted(missing)}"

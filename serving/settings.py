"""What the service is told by its environment: the only place that reads environment variables."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import ConfigError

DATABASE_URL, MODEL, WORKERS = "NEXTSTAGE_DATABASE_URL", "NEXTSTAGE_MODEL", "NEXTSTAGE_WORKERS"
RATE, TIMEOUT, FOLDER = "NEXTSTAGE_RATE", "NEXTSTAGE_TIMEOUT", "NEXTSTAGE_FOLDER"
SHADOW = "NEXTSTAGE_SHADOW"
SUPERVISOR = "NEXTSTAGE_SUPERVISOR"  # the id of the process that watches over the workers, told by itself
METRICS = "PROMETHEUS_MULTIPROC_DIR"  # set by BentoML for its processes
PACKED = Path(__file__).parent.parent / "champion"
"""Where a Bento carries its model, beside the packages."""

QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",  # BentoML compares with this very text
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # under load, more threads per prediction cost milliseconds instead of saving any


@dataclass(frozen=True)
class Settings:
    """Where events are stored, which model is served, by how many processes, and what they allow.

    Where MLflow keeps its registry is said by its own variable, ``MLFLOW_TRACKING_URI``.

    Parameters
    ----------
    database_url
        An SQLAlchemy address of the event store.
    model
        A registry address such as ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``, or a folder that holds a model.
    rate
        Requests per second that one key may make, of all processes together.
    timeout
        Seconds that a request may take.
    metrics_folder
        What the processes of the service share for their metrics; None for a process of its own.
    folder
        Where scores, audiences and exports lie, from which a customer is erased, too; None for where SQLite's file is.
    shadow
        A registry address such as ``models:/NAME@challenger``, whose model scores along and is never answered with.
    """

    database_url: str = "sqlite:///nextstage.db"
    model: str = "models:/nextstage@champion"
    workers: int = 1
    rate: float = 1_000.0
    timeout: float = 30.0
    metrics_folder: str | None = None
    folder: str | None = None
    shadow: str | None = None

    @classmethod
    def from_environment(
        cls,
        folder: Path | None = None,
        model_name: str = "nextstage",
        environment: Mapping[str, str] = os.environ,
        packed: Path = PACKED,
    ) -> "Settings":
        """Returns the settings of this process; what is not said, nextstage.db in the folder and the name's champion.

        Parameters
        ----------
        folder
            The working folder; where this process runs if left out, and then nothing beside the store is anybody's.
        packed
            The folder of the model in a Bento; where it is, it is the default, and the store has none.

        Raises
        ------
        ConfigError
            If a number is none, or not positive, or a Bento is not told where events are stored.
        """
        if packed.is_dir() and DATABASE_URL not in environment:
            raise ConfigError(
                f"a Bento keeps no events in itself; set {DATABASE_URL}, like sqlite:////data/nextstage.db"
            )
        workers = environment.get(WORKERS, str(cls.workers))
        if not (workers.isascii() and workers.isdigit() and int(workers) > 0):
            raise ConfigError(f"{WORKERS} is {workers!r}; give a whole number of processes, at least 1")
        return cls(
            environment.get(DATABASE_URL, f"sqlite:///{(folder or Path()).resolve() / 'nextstage.db'}"),
            environment.get(MODEL, str(packed) if packed.is_dir() else f"models:/{model_name}@champion"),
            int(workers),
            _positive(environment, RATE, cls.rate),
            _positive(environment, TIMEOUT, cls.timeout),
            environment.get(METRICS),
            environment.get(FOLDER, None if folder is None else str(folder.resolve())),
            environment.get(SHADOW) or None,
        )

    def to_environment(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Returns the environment of a service process with these settings."""
        own = {DATABASE_URL: self.database_url, MODEL: self.model, WORKERS: str(self.workers)}
        own |= {RATE: str(self.rate), TIMEOUT: str(self.timeout), SHADOW: self.shadow or ""}
        own |= {} if self.folder is None else {FOLDER: self.folder}
        return {**environment, **QUIET, **ONE_THREAD, **own}


def set_defaults(is_worker: bool) -> None:
    """Sets what every process of the service needs and a Bento is not told by ``nextstage serve``."""
    for name, value in {**QUIET, **ONE_THREAD}.items():
        os.environ.setdefault(name, value)
    if not is_worker:
        os.environ[SUPERVISOR] = str(os.getpid())


def supervisor() -> int:
    """Returns the id of the process that watches over the workers."""
    return int(os.environ[SUPERVISOR])


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, str(default))
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ConfigError(f"{name} is {text!r}; give a number above 0")
    return number


def credential(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Returns a secret, which is only ever given by the environment and never written anywhere.

    Raises
    ------
    ConfigError
        If it is not there.
    """
    found = environment.get(name, "")
    if not found:
        raise ConfigError(f"the environment has no {name}; set it to the receiver's key")
    return found

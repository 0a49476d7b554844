"""What the service is told by its environment: the only place that reads environment variables."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import ConfigError

DATABASE_URL, MODEL, WORKERS = "NEXTSTAGE_DATABASE_URL", "NEXTSTAGE_MODEL", "NEXTSTAGE_WORKERS"
RATE, TIMEOUT, SHADOW = "NEXTSTAGE_RATE", "NEXTSTAGE_TIMEOUT", "NEXTSTAGE_SHADOW"
METRICS = "PROMETHEUS_MULTIPROC_DIR"  # set by BentoML for its processes

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
        A registry address such as ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.
    rate
        Requests per second that one key may make, of all processes together.
    timeout
        Seconds that a request may take.
    metrics_folder
        What the processes of the service share for their metrics; None for a process of its own.
    shadow
        A registry address such as ``models:/NAME@challenger``, whose model scores along and is never answered with.
    """

    database_url: str = "sqlite:///nextstage.db"
    model: str = "models:/nextstage@champion"
    workers: int = 1
    rate: float = 1_000.0
    timeout: float = 30.0
    metrics_folder: str | None = None
    shadow: str | None = None

    @classmethod
    def from_environment(
        cls, folder: Path = Path(), model_name: str = "nextstage", environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Returns the settings of this process; what is not said, nextstage.db in the folder and the name's champion.

        Raises
        ------
        ConfigError
            If a number is none, or not positive.
        """
        workers = environment.get(WORKERS, str(cls.workers))
        if not (workers.isascii() and workers.isdigit() and int(workers) > 0):
            raise ConfigError(f"{WORKERS} is {workers!r}; give a whole number of processes, at least 1")
        return cls(
            environment.get(DATABASE_URL, f"sqlite:///{folder.resolve() / 'nextstage.db'}"),
            environment.get(MODEL, f"models:/{model_name}@champion"),
            int(workers),
            _positive(environment, RATE, cls.rate),
            _positive(environment, TIMEOUT, cls.timeout),
            environment.get(METRICS),
            environment.get(SHADOW) or None,
        )

    def to_environment(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Returns the environment of a service process with these settings."""
        own = {DATABASE_URL: self.database_url, MODEL: self.model, WORKERS: str(self.workers)}
        own |= {RATE: str(self.rate), TIMEOUT: str(self.timeout), SHADOW: self.shadow or ""}
        return {**environment, **QUIET, **ONE_THREAD, **own}


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

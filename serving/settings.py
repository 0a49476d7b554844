"""What the service is told by its environment: the only place that reads environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import ConfigError

DATABASE_URL, MODEL, WORKERS = "NEXTSTAGE_DATABASE_URL", "NEXTSTAGE_MODEL", "NEXTSTAGE_WORKERS"

QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",  # BentoML compares with this very text
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # under load, more threads per prediction cost milliseconds instead of saving any


@dataclass(frozen=True)
class Settings:
    """Where events are stored, which model is served and by how many processes.

    Where MLflow keeps its registry is said by its own variable, ``MLFLOW_TRACKING_URI``.

    Parameters
    ----------
    database_url
        An SQLAlchemy address of the event store.
    model
        A registry address such as ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.
    """

    database_url: str = "sqlite:///nextstage.db"
    model: str = "models:/nextstage@champion"
    workers: int = 1

    @classmethod
    def from_environment(
        cls, folder: Path = Path(), model_name: str = "nextstage", environment: Mapping[str, str] = os.environ
    ) -> "Settings":
        """Returns the settings of this process; what is not said, nextstage.db in the folder and the name's champion.

        Raises
        ------
        ConfigError
            If the number of workers is not a positive whole number.
        """
        workers = environment.get(WORKERS, str(cls.workers))
        if not (workers.isascii() and workers.isdigit() and int(workers) > 0):
            raise ConfigError(f"{WORKERS} is {workers!r}; give a whole number of processes, at least 1")
        database = environment.get(DATABASE_URL, f"sqlite:///{folder.resolve() / 'nextstage.db'}")
        return cls(database, environment.get(MODEL, f"models:/{model_name}@champion"), int(workers))

    def to_environment(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Returns the environment of a service process with these settings."""
        own = {DATABASE_URL: self.database_url, MODEL: self.model, WORKERS: str(self.workers)}
        return {**environment, **QUIET, **ONE_THREAD, **own}

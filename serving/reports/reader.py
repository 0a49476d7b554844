"""Reads the report of the latest scoring run, once for each run."""

from typing import Any

from serving.database import Database
from serving.reports.run_report import newest_run, read_report


class ReportReader:
    """Knows the report that was read last; a run's report never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, dict[str, Any]] | None = None

    def latest(self) -> dict[str, Any] | None:
        """Returns the report of the latest run that has one; None before the first."""
        with self._database.reading() as connection:
            run = newest_run(connection)
            if run is None:
                return None
            known = self._known
            if known is None or known[0] != run:
                known = self._known = (run, read_report(connection, run))
            return known[1]

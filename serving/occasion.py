"""When customers are scored and which of them, and the run that this begins or goes on with."""

from dataclasses import dataclass

from features.durations import DAY
from models.predictor import RegisteredPredictor
from serving.changes import last_change
from serving.runs import RUNNING, Run, begin_run, discard_run, read_runs, standing_runs
from serving.store import Store


@dataclass(frozen=True)
class Occasion:
    """When customers are scored, and which of them.

    Parameters
    ----------
    now
        The clock, UTC microseconds.
    as_of
        The cutoff, UTC microseconds; None for the clock.
    only_changed
        Whether only those are scored of whom something became known; the others keep the scores of earlier runs. Has
        no effect if the last run was another model's: then everybody is scored.
    since
        With ``only_changed``, the moment from which on something must have become known; None for the cutoff of the
        last run.
    """

    now: int
    as_of: int | None = None
    only_changed: bool = False
    since: int | None = None

    def open_run(self, store: Store, model: RegisteredPredictor) -> Run:
        """Returns the run that goes on, or a new one; of any other that is not finished nothing is left."""
        with store.database.writing() as connection:
            standing = standing_runs(read_runs(connection))
            since = self._since(standing[-1] if standing and standing[-1].is_by(model) else None)
            kept = None
            for run in read_runs(connection, RUNNING):
                if run.is_by(model) and run.since == since and self._asks_for(run):
                    kept = run
                else:
                    discard_run(connection, run)
            as_of = self.now if self.as_of is None else self.as_of
            facts = {"as_of": as_of, "scored_at": self.now, "since": since, "changes_seen": last_change(connection)}
            return kept or begin_run(connection, model, **facts)

    def _since(self, last: Run | None) -> int | None:
        if not self.only_changed or last is None:
            return None
        return last.as_of if self.since is None else self.since

    def _asks_for(self, run: Run) -> bool:
        """Says whether a run was begun for this; if the clock is the cutoff, that of less than a day ago will do."""
        if self.as_of is not None:
            return run.as_of == self.as_of
        return run.as_of == run.scored_at and 0 <= self.now - run.scored_at < DAY

"""Which stage a customer is in at any instant: a pure function of the log, and its changes over time."""

from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from features.arrays import Bools, Ints
from features.encoding import encode
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey, Rule
from features.kernel.operations import ENTERED, STAGED
from features.kernel.run import list_stages, new_state
from features.kernel.spec import Spec
from features.kinds import Kinds
from features.plan import Plan
from features.searching import places_at
from features.specification import specify
from features.timestamps import to_iso


@dataclass(frozen=True, eq=False)
class StageTimeline:
    """The stages of each customer from the first event on; customer c has rows ``indptr[c]`` to ``indptr[c + 1]``.

    A row is left when the customer's next row is entered.

    Parameters
    ----------
    indptr
        Shape (customers + 1,).
    entered_at
        UTC microseconds, shape (changes,).
    stage
        Codes into ``Journey.stage_names``, shape (changes,); neighbours of one customer differ.
    """

    indptr: Ints
    entered_at: Ints
    stage: Ints

    def row_at(self, customer: Ints, moment: Ints) -> Ints:
        """Returns the row that holds at each moment; ``indptr[customer] - 1`` before the first event."""
        return places_at(self.indptr, self.entered_at, customer, moment) - 1

    def stage_at(self, customer: Ints, moment: Ints) -> Ints:
        """Returns the stage code at each moment; lapsed before the first event."""
        row = self.row_at(customer, moment)
        return np.where(row >= self.indptr[customer], np.append(self.stage, 0)[row], 0)

    def frame(self, log: EventLog, journey: Journey) -> pd.DataFrame:
        """Returns customer_id, stage, entered_at and left_at up to the log's end; a stage not left has no left_at."""
        customer = np.repeat(np.arange(log.n_customers), np.diff(self.indptr))
        left = np.append(self.entered_at[1:], log.end + 1)
        left[np.append(customer[1:] != customer[:-1], True)] = log.end + 1
        rows = np.flatnonzero(self.entered_at <= log.end)
        return pd.DataFrame(
            {
                "customer_id": log.customers[customer[rows]],
                "stage": np.asarray(journey.stage_names, dtype=object)[self.stage[rows]],
                "entered_at": [to_iso(moment) for moment in self.entered_at[rows]],
                "left_at": [to_iso(moment) if moment <= log.end else None for moment in left[rows]],
            }
        )


_TIMELINES: WeakKeyDictionary[EventLog, tuple[Journey, StageTimeline]] = WeakKeyDictionary()


def stage_timeline(log: EventLog, journey: Journey) -> StageTimeline:
    """Returns every stage change, those after the log's end included that come if nothing more happens.

    A stage can change only when an event comes or when one leaves a rule's window, exactly ``within`` after it. Worked
    out once per log: features and labels of a training run all ask for it.
    """
    known = _TIMELINES.get(log)
    if known is None or known[0] != journey:
        known = _TIMELINES[log] = (journey, _work_out(log, journey))
    return known[1]


def _work_out(log: EventLog, journey: Journey) -> StageTimeline:
    plan, kinds, spec = _specified(journey)
    events, state = encode(log, plan, kinds), new_state(spec, int(np.diff(log.indptr).max(initial=0)))
    indptr = np.zeros(log.n_customers + 1, dtype=np.int64)
    list_stages(spec, events, state, indptr, np.empty((2, 0), dtype=np.int64))
    entries = np.empty((2, indptr[-1]), dtype=np.int64)
    list_stages(spec, events, state, indptr, entries)
    return StageTimeline(indptr, entered_at=entries[ENTERED], stage=entries[STAGED])


@lru_cache(maxsize=16)
def _specified(journey: Journey) -> tuple[Plan, Kinds, Spec]:
    plan = Plan(journey)
    kinds = Kinds(plan.dimensions)
    return plan, kinds, specify(plan, kinds)


def stage_events(log: EventLog, journey: Journey, stage: str) -> Bools:
    """Says for each event whether it belongs to a stage: whether one of the stage's rules counts it."""
    rules = next(listed.rules for listed in journey.stages if listed.name == stage)
    belongs: Bools = np.logical_or.reduce([_matches(log, rule) for rule in rules])
    return belongs


def _matches(log: EventLog, rule: Rule) -> Bools:
    matches = log.dimensions[EVENT].is_in(rule.events)
    return matches if rule.min_value is None else matches & (log.measures[VALUE] >= rule.min_value)

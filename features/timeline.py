"""Which stage a customer is in at any instant: a pure function of the log, and its changes over time."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from features.arrays import Bools, Ints
from features.durations import parse_duration
from features.events import EVENT, VALUE, EventLog
from features.journey import Journey, Rule
from features.segments import Selection, positions_at, select
from features.snapshots import Snapshots
from features.timestamps import to_iso

NEVER = np.iinfo(np.int64).min


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
        entries = Selection(self.indptr, self.entered_at, np.arange(len(self.stage)))
        return positions_at(entries, customer, moment) - 1

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
    rules = [rule for stage in journey.stages for rule in stage.rules]
    customer, moment = [log.customer], [log.time]
    for rule in rules:
        if rule.within is not None:
            leaving = matching_events(log, rule)
            customer.append(log.customer[leaving.rows])
            moment.append(leaving.time + parse_duration(rule.within))
    owners, moments = np.concatenate(customer), np.concatenate(moment)
    order = np.lexsort((moments, owners))
    owners, moments = owners[order], moments[order]
    stages = stage_now(log, journey, Snapshots(owners, moments))
    same_instant = np.append((owners[1:] == owners[:-1]) & (moments[1:] == moments[:-1]), False)[: len(owners)]
    owners, moments, stages = (column[~same_instant] for column in (owners, moments, stages))
    changed = np.append(True, (owners[1:] != owners[:-1]) | (stages[1:] != stages[:-1]))[: len(owners)]
    counts = np.bincount(owners[changed], minlength=log.n_customers)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return StageTimeline(indptr, moments[changed], stages[changed])


def stage_now(log: EventLog, journey: Journey, snapshots: Snapshots) -> Ints:
    """Returns each snapshot's stage code by the rules themselves, shape (rows,)."""
    stage = np.zeros(len(snapshots), dtype=np.int64)
    latest = np.full(len(snapshots), -1, dtype=np.int64)
    for code, listed in enumerate(journey.stages, start=1):
        for rule in listed.rules:
            holds, event = _rule_holds(log, rule, snapshots)
            wins = holds & (event >= latest) if journey.stage == "latest" else holds
            stage = np.where(wins, code, stage)
            latest = np.where(wins, event, latest)
    return stage


def matching_events(log: EventLog, rule: Rule) -> Selection:
    """Returns the events that a rule counts."""
    return select(log.indptr, log.time, _matches(log, rule))


def stage_events(log: EventLog, journey: Journey, stage: str) -> Bools:
    """Says for each event whether it belongs to a stage: whether one of the stage's rules counts it."""
    rules = next(listed.rules for listed in journey.stages if listed.name == stage)
    belongs: Bools = np.logical_or.reduce([_matches(log, rule) for rule in rules])
    return belongs


def _matches(log: EventLog, rule: Rule) -> Bools:
    matches = log.dimensions[EVENT].is_in(rule.events)
    return matches if rule.min_value is None else matches & (log.measures[VALUE] >= rule.min_value)


def _rule_holds(log: EventLog, rule: Rule, snapshots: Snapshots) -> tuple[Bools, Ints]:
    """Says where a rule holds, and which row of the log is its last event there."""
    events = matching_events(log, rule)
    stop = positions_at(events, snapshots.customer, snapshots.cutoff)
    nth_last = stop - rule.at_least
    enough = nth_last >= events.indptr[snapshots.customer]
    position = np.where(enough, nth_last, 0)
    oldest = np.append(events.time, NEVER)[position]
    bound = NEVER if rule.within is None else snapshots.cutoff - parse_duration(rule.within)
    last_row = np.append(events.rows, -1)[np.where(enough, stop - 1, 0)]
    return enough & (oldest > bound), last_row

"""Events that stand in the log where an answer does: just before every purchase, or at the end of activity."""

from collections.abc import Iterator

import numpy as np

from features.arrays import Bools
from features.durations import DAY, parse_duration
from features.events import EVENT, EventLog
from features.journey import Journey
from features.segments import Selection, positions_at, select
from training.readiness.finding import Finding, Verdict, percent

FEWEST = 50
NEARLY_ALL = 0.95
SELDOM = 0.5
WEEK = 7 * DAY


def coincidences(log: EventLog, journey: Journey, horizon: str) -> tuple[Finding, ...]:
    """Returns the kinds of event that give an answer away because their time is not when they were written.

    Announces: nearly all are followed by a purchase of the same customer within a day, and no more than half were
    followed by one a week earlier. Ends: nearly all have activity in the day before and nearly none in the horizon
    after, where other events have it. Only kinds with at least 50 rows whose answer the log holds are looked at.
    """
    return *_announcing(log, journey), *_ending(log, journey, parse_duration(horizon))


def _announcing(log: EventLog, journey: Journey) -> Iterator[Finding]:
    bought = _chosen(log, journey.purchase)
    ahead, usual = _any_within(log, bought, 0, DAY), _any_within(log, bought, -WEEK, DAY - WEEK)
    told = log.time + DAY <= log.end
    for event in _others(log, (*journey.purchase, *journey.refund)):
        rows = log.dimensions[EVENT].is_in((event,)) & told
        share, before = _shares(rows, ahead, usual)
        if share >= NEARLY_ALL and before <= SELDOM:
            sentence = (
                f"{percent(share, 1)} of {int(rows.sum()):,} come within a day before a purchase, {percent(before, 1)} "
                "did a week earlier; if it is written with or after the purchase, give it that time"
            )
            yield Finding(f"leak: event '{event}'", Verdict.WARNING, sentence, {"followed": share, "usual": before})


def _ending(log: EventLog, journey: Journey, horizon: int) -> Iterator[Finding]:
    active = _chosen(log, journey.activity)
    before, after = _any_within(log, active, -DAY, 0), _any_within(log, active, 0, horizon)
    told = log.time + horizon <= log.end
    for event in _others(log, journey.activity):
        own = log.dimensions[EVENT].is_in((event,))
        rows, rest = own & told, ~own & told
        share, goes_on = _shares(rows, before, after)
        if share >= NEARLY_ALL and goes_on <= 1 - NEARLY_ALL and rest.any() and after[rest].mean() >= SELDOM:
            sentence = (
                f"{percent(share, 1)} of {int(rows.sum()):,} come within a day after activity, {percent(goes_on, 1)} "
                "have any in the horizon that follows; if it is written when a customer is found to have left, give it "
                "that time"
            )
            yield Finding(f"leak: event '{event}'", Verdict.WARNING, sentence, {"before": share, "after": goes_on})


def _others(log: EventLog, left_out: tuple[str, ...]) -> list[str]:
    dimension = log.dimensions[EVENT]
    counts = np.bincount(dimension.codes, minlength=len(dimension.names))
    often = [name for name, count in zip(dimension.names, counts, strict=True) if count >= FEWEST]
    return [name for name in often if name not in left_out]


def _chosen(log: EventLog, events: tuple[str, ...]) -> Selection:
    return select(log.indptr, log.time, log.dimensions[EVENT].is_in(events))


def _any_within(log: EventLog, chosen: Selection, after: int, until: int) -> Bools:
    """Says for each event of the log whether a chosen one of its customer lies in ``(time + after, time + until]``."""
    customer = log.customer
    return positions_at(chosen, customer, log.time + until) > positions_at(chosen, customer, log.time + after)


def _shares(rows: Bools, first: Bools, second: Bools) -> tuple[float, float]:
    """Returns the share of some rows for which each holds; of too few none for the first and all for the second."""
    if int(rows.sum()) < FEWEST:
        return 0.0, 1.0
    return float(first[rows].mean()), float(second[rows].mean())

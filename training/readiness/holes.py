"""Days without any event where the days around them have many, and a last day that is not over."""

from collections.abc import Mapping

import numpy as np

from features.arrays import Ints
from features.durations import DAY
from features.events import EventLog
from training.readiness.finding import Finding, day_name, listed, warn_if

NEIGHBOURS = 28
"""Days before, and days after, from which it is known what to expect."""

MANY = 10.0
"""Expected events from which on none at all is no chance: of independent ones once in 22,000 times."""

COMPLETE = 0.5
"""The share of the usual events below which a last day is not over."""

WEEK = 7


def holes(log: EventLog) -> tuple[Finding, ...]:
    """Returns the runs of days that lack the events to expect, and whether the last day is complete."""
    days = log.time // DAY
    first = int(days.min())
    counts = np.bincount(days - first)
    return _empty_runs(counts, first), _last_day(counts, first)


def expected_events(counts: Ints, start: int, stop: int) -> float:
    """Returns how many events days ``[start, stop)`` lead one to expect.

    For each day the median of the same day of the week in the four weeks before the run, or in the four after it,
    whichever is lower: a shop closed on Sundays has no hole there, and neither has a log that begins with a few events.

    Parameters
    ----------
    counts
        Events per day, shape (days,).
    """
    before = np.arange(max(0, start - NEIGHBOURS), start)
    after = np.arange(stop, min(len(counts), stop + NEIGHBOURS))
    total = 0.0
    for weekday in range(WEEK):
        sides = [counts[days[days % WEEK == weekday]] for days in (before, after)]
        if len(sides[0]) > 1:  # one day alone shows no habit; the log may end before the day of the week comes again
            usual = min(float(np.median(side)) for side in sides if len(side))
            total += usual * len(range(start + (weekday - start) % WEEK, stop, WEEK))
    return total


def _empty_runs(counts: Ints, first: int) -> Finding:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts == 0, [False]]).astype(np.int8)))
    runs = [(expected_events(counts, start, stop), start, stop) for start, stop in edges.reshape(-1, 2).tolist()]
    found = [
        {"from": day_name(first + start), "to": day_name(first + stop - 1), "expected": round(expected)}
        for expected, start, stop in sorted(runs, reverse=True)
        if expected >= MANY
    ]
    if not found:
        return Finding("days without events", warn_if(False), "none where the weeks around lead one to expect any")
    named = listed((f"{_span(hole)} (about {hole['expected']:,} expected)" for hole in found), 3)
    sentence = f"{named}; load what is missing, unless you were closed: customers look as if they had left"
    return Finding("days without events", warn_if(True), sentence, {"holes": found})


def _last_day(counts: Ints, first: int) -> Finding:
    last = len(counts) - 1
    same = counts[last - WEEK :: -WEEK][: NEIGHBOURS // WEEK] if last >= WEEK else counts[:0]
    usual = float(np.median(same)) if len(same) else 0.0
    came, name = int(counts[last]), day_name(first + last)
    bad = usual >= MANY and came < COMPLETE * usual
    sentence = f"{name} with {came:,} events; {usual:,.0f} are usual on its day of the week"
    if bad:
        sentence += ", so end the data with a whole day: labels count on it"
    return Finding("last day", warn_if(bad), sentence, {"day": name, "events": came, "usual": usual})


def _span(hole: Mapping[str, object]) -> str:
    return str(hole["from"]) if hole["from"] == hole["to"] else f"{hole['from']} to {hole['to']}"

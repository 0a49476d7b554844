"""Kinds of event, and channels, that suddenly stop coming while the rest goes on."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from features.arrays import Bools, Floats, Ints
from features.durations import DAY
from features.events import CHANNEL, EVENT, Dimension, EventLog
from training.readiness.finding import Finding, date_of, listed, warn_if

WEEK = 7 * DAY
BEFORE = 8
"""Weeks from which it is known what is usual."""

USUAL = 20.0
"""Events a week from which on a kind is frequent enough to be missed."""

STEADY = 1 / 3
"""A regular kind has at least this share of its median in its lowest week; campaigns that come and go do not."""

FALLEN = 0.1
"""The share of the usual below which two weeks in a row have fallen."""

MOST_NAMES = 50


def drops(log: EventLog) -> tuple[Finding, ...]:
    """Returns for events and for channels which of them fell suddenly."""
    return tuple(_falls(log, name) for name in (EVENT, CHANNEL) if len(log.dimensions[name].names))


def weekly(log: EventLog, dimension: Dimension) -> Ints:
    """Returns the events of each name in each whole week counted back from the log's end, shape (names, weeks)."""
    weeks = max(1, (log.end - log.start) // WEEK)
    back = (log.end - log.time) // WEEK
    counted = (dimension.codes >= 0) & (back < weeks)
    place = dimension.codes[counted].astype(np.int64) * weeks + (weeks - 1 - back[counted])
    return np.bincount(place, minlength=len(dimension.names) * weeks).reshape(len(dimension.names), weeks)


def fallen(counts: Ints, others: Ints) -> tuple[Bools, Floats]:
    """Says of each week but the last, the first eight left out, whether a kind falls in it, and what was usual.

    It falls if it was regular in the eight weeks before, and has less than a tenth of their median in this week and
    the next. Where all other events fell as well, that much less of it is expected: that is a hole, not a drop.

    Parameters
    ----------
    counts, others
        Events of the kind and of all other kinds, week by week, shape (weeks,).

    Returns
    -------
    fallen, usual
        Shape (weeks - 9,).
    """
    before, rest = (sliding_window_view(weeks[:-2], BEFORE) for weeks in (counts, others))
    usual, of_rest = np.median(before, axis=1), np.median(rest, axis=1)
    regular = (usual >= USUAL) & (before.min(axis=1) >= STEADY * usual)
    low = np.ones(len(usual), dtype=bool)
    for ahead in (0, 1):
        week = slice(BEFORE + ahead, BEFORE + ahead + len(usual))
        share = np.where(of_rest >= USUAL, others[week] / np.maximum(of_rest, 1.0), 1.0)
        low &= counts[week] < FALLEN * usual * np.minimum(share, 1.0)
    return regular & low, usual


def _falls(log: EventLog, name: str) -> Finding:
    dimension, subject = log.dimensions[name], f"sudden drops of {name}s"
    counts = weekly(log, dimension)
    weeks, total = counts.shape[1], counts.sum(axis=0)
    if weeks < BEFORE + 2:
        return Finding(subject, warn_if(False), f"not judged: {weeks} whole weeks, and {BEFORE + 2} are needed")
    found = []
    for code in np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_NAMES].tolist():
        falls, usual = fallen(counts[code], total - counts[code])
        if falls.any():
            week = int(falls.argmax())
            start = log.end - (weeks - BEFORE - week) * WEEK
            came = int(counts[code, BEFORE + week])
            found.append(
                {name: dimension.names[code], "week": date_of(start), "usual": float(usual[week]), "events": came}
            )
    if not found:
        return Finding(subject, warn_if(False), "none")
    named = listed(
        (f"'{it[name]}' from {it['usual']:,.0f} a week to {it['events']:,} on {it['week']}" for it in found), 3
    )
    advice = "see whether it is still recorded under this name, for a model takes the silence for behaviour"
    return Finding(subject, warn_if(True), f"{named}; {advice}", {"drops": found})

"""Customers with more events than a customer can have: robots, test accounts, or an id that stands for nobody."""

import numpy as np

from features.arrays import Ints
from features.durations import DAY
from features.events import EventLog
from training.readiness.finding import Finding, listed, percent, warn_if

DEVIATIONS = 5.0
HIGH, NORMAL = 0.9, 1.2816
"""A quantile of the number of events, and how many standard deviations it lies above the median of normal values."""

NARROWEST = 0.25
"""The least standard deviation assumed of the logarithm, for logs in which nearly all have the same number."""

FEWEST = 100
FEWEST_A_DAY = 50


def crowding(log: EventLog) -> tuple[Finding, ...]:
    """Returns the customers whose number of events, in all or on their busiest day, is implausible."""
    each = np.diff(log.indptr)
    return (
        _crowded(log, "events of one customer", each, FEWEST),
        _crowded(log, "events of one customer on one day", busiest_day(log), FEWEST_A_DAY),
    )


def plausible_limit(counts: Ints, fewest: int) -> float:
    """Returns the number of events up to which a customer is plausible, at least ``fewest``.

    The logarithm of a plausible number lies up to five standard deviations above the median. The deviation is told by
    the distance of the 0.9 quantile from the median, which robots do not move unless a tenth of the customers are.
    """
    logs = np.log(counts[counts > 0])
    middle, high = np.quantile(logs, [0.5, HIGH])
    spread = max(float(high - middle) / NORMAL, NARROWEST)
    return max(float(np.exp(middle + DEVIATIONS * spread)), float(fewest))


def busiest_day(log: EventLog) -> Ints:
    """Returns the number of events of each customer on the UTC day that has most of them, shape (customers,)."""
    day, customer = log.time // DAY, log.customer
    begins = np.flatnonzero(np.append(True, (day[1:] != day[:-1]) | (customer[1:] != customer[:-1])))
    most = np.zeros(log.n_customers, dtype=np.int64)
    np.maximum.at(most, customer[begins], np.diff(np.append(begins, log.n_events)))
    return most


def _crowded(log: EventLog, subject: str, counts: Ints, fewest: int) -> Finding:
    limit = plausible_limit(counts, fewest)
    found = np.flatnonzero(counts > limit)
    found = found[np.argsort(-counts[found], kind="stable")]
    events = int(np.diff(log.indptr)[found].sum())
    numbers = {"limit": round(limit), "customers": len(found), "events": events}
    if len(found) == 0:
        busiest = int(counts.argmax())
        sentence = f"nobody has more than {limit:,.0f}; {log.customers[busiest]!r} has most, {counts[busiest]:,}"
        return Finding(subject, warn_if(False), sentence, numbers)
    named = listed((f"{log.customers[position]!r} {counts[position]:,}" for position in found), 3)
    sentence = (
        f"{len(found):,} above {limit:,.0f}: {named}; together {percent(events, log.n_events)} of all events. "
        "Remove robots, test accounts and ids that stand for nobody"
    )
    return Finding(subject, warn_if(True), sentence, numbers)
